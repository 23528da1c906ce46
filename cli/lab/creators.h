// creators.h — who makes tasks: each creator's stack, unwound, counted, and at the end named.
//
// Owns      the files of the observed programs, kept open until it ends.
// Rule      A stack is unwound when it comes, while its process is probably there; names are looked up
//           at the end. How it was unwound goes back to the session, which from then on only counts.
// Threads   As the session: one at a time.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "probes/session.h"
#include "result/creators.h"
#include "symbols/processes.h"

namespace vtlab::lab {

class CreatorStacks {
 public:
  explicit CreatorStacks(probes::Session& session) : session_(session) {}

  /// The window begins now: forgets what came before, but not what was learned.
  void begin();
  /// Takes what is ready.
  void service();
  /// Of the whole window. `tasks`: how many the kernel made; `lost`: stacks that found no room.
  result::Creators end(std::uint64_t tasks, std::uint64_t lost);

 private:
  struct Place {
    symbols::ImageId image;
    symbols::Unwound stack;
    std::uint64_t threads = 0, processes = 0;
  };
  struct Learned {
    std::size_t place;
    probes::PathCount before;  // the window
  };
  // Each frame as (file, address); the last one is how it ends.
  using Key = std::vector<std::pair<const void*, std::uint64_t>>;

  void take(const probes::Stack& stack);
  std::size_t place_of(const symbols::ImageId& image, symbols::Unwound stack);

  probes::Session& session_;
  symbols::Processes processes_;
  std::vector<Place> places_;
  std::map<Key, std::size_t> known_;
  std::vector<Learned> learned_;  // by the session's number
};

}  // namespace vtlab::lab
