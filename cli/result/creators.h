// creators.h — who made tasks: the functions that creators stood in, as plain values.
//
// Rule      As in result.h: what was not observed is absent with a reason, never 0.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vtlab::result {

/// One function that a creator was in. Unless it is the innermost, it was in a call.
struct CreatorFrame {
  std::string function;       ///< empty: nobody knows its name; then `address` says where it is
  std::string file;           ///< the program or library; empty for code that was made at run time
  std::string line;           ///< "main.cpp:17"; empty without debug information
  std::uint64_t address = 0;  ///< in the file, or in the process; 0 unless `function` is empty

  bool operator==(const CreatorFrame&) const = default;
};

/// Where `frames` ends.
enum class CreatorEnd : std::uint8_t {
  outermost,       ///< with the first function of the thread: the stack is complete
  frame_pointers,  ///< with the chain of frame pointers: complete, or a caller has none
  no_rules,        ///< before a caller that cannot be found: no unwind rules, no frame pointer
  not_copied,      ///< before callers that are deeper than what is taken of a stack
  no_code,         ///< before an address at which nobody knows any code
};

/// All creators that stood at one place.
struct Creator {
  std::uint64_t threads = 0, processes = 0;  ///< that they made
  std::vector<CreatorFrame> frames;          ///< innermost first; empty: see missing_because
  CreatorEnd end = CreatorEnd::no_code;      ///< of `frames`, if there are any
  std::string missing_because;               ///< set exactly when `frames` is empty

  std::uint64_t tasks() const { return threads + processes; }
};

struct Creators {
  std::vector<Creator> places;     ///< who made most stands first
  std::uint64_t tasks = 0;         ///< new tasks, as the kernel counted them
  std::uint64_t not_recorded = 0;  ///< of them: their creators' stacks found no room
};

}  // namespace vtlab::result
