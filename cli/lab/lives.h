// lives.h — the tasks of a window as births and deaths tell of them: each owner of a tid is a life of its own.
//
// Threads   One at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "probes/session.h"

namespace vtlab::lab {

struct Life {
  std::uint32_t tid = 0, tgid = 0;  ///< tgid 0: not known
  bool born_here = false, ended = false;
  std::uint32_t action = 0, unit = 0, by_tid = 0;  ///< of its birth: as in probes::Event
  std::uint64_t born_ns = 0, ended_ns = 0;  ///< CLOCK_MONOTONIC; 0: was there before, still is
  std::string name;                         ///< at its end; empty if not known
};

class Lives {
 public:
  /// Takes births and deaths, in order; others are passed over.
  void take(const probes::Event& event);
  /// Asks /proc for the names of those that live.
  void name_the_living();

  const std::vector<Life>& all() const { return all_; }  ///< in the order of the first news of each
  const std::vector<std::size_t>& of(std::uint32_t tid) const;  ///< places in all()

 private:
  std::vector<Life> all_;
  std::unordered_map<std::uint32_t, std::vector<std::size_t>> by_tid_;
};

/// Finds who it is that switches speak of: lives come in the order of their births, and so do the first switches to
/// them. The lives must stay as they are meanwhile.
class LifeFinder {
 public:
  explicit LifeFinder(const Lives& lives) : lives_(lives) {}
  /// The tid's next life, which began with this switch or was there before; a place in Lives::all(). Nothing: there
  /// was no news of it.
  std::optional<std::size_t> next(std::uint32_t tid, bool born);

 private:
  const Lives& lives_;
  std::unordered_map<std::uint32_t, std::size_t> passed_;
};

}  // namespace vtlab::lab
