// syscall_view.h — system calls as rows and sentences: by name, by what blocked, by who made them.
// Counts and texts, no layout.
//
// Threads   Plain values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "render/detail.h"
#include "result/syscalls.h"

namespace vtlab::render {

/// Calls that were put together, with the latency of those that returned.
struct CallSum {
  std::string name;
  std::uint64_t count = 0;  ///< that were entered
  std::uint64_t returned = 0, errors = 0, blocked = 0, total_ns = 0;
  std::optional<std::uint64_t> p50_ns, p99_ns, max_ns;  ///< absent: none returned
};

/// Calls of one name that blocked on the same.
struct BlockedKind {
  CallSum sum;
  std::string call, waited_for;
  std::string asked;  ///< "for at most 5.00 ms", "without a limit"; empty: not said
};

/// Who made calls, or while doing what.
struct CallGroup {
  CallSum sum;
  std::vector<CallSum> calls;  ///< most often first
};

/// The system calls of one mode.
struct SyscallView {
  Preface preface;
  std::optional<std::uint64_t> units;
  std::vector<CallSum> calls;  ///< by name, most often first
  CallSum all;
  std::vector<BlockedKind> blocked;  ///< longest total first
  std::vector<CallGroup> groups;     ///< most calls first; empty if there is only one
  std::vector<std::string> remarks;  ///< which errors; what did not return, goes on, or began anew
  std::string seen_by;
};

SyscallView make_syscall_view(const Subject& subject);

/// Those from `from` on as one; the name says how many they are.
CallSum rest_of(const std::vector<CallSum>& calls, std::size_t from);

/// "2.01"; "" without units.
std::string per_unit(std::uint64_t count, const std::optional<std::uint64_t>& units);

}  // namespace vtlab::render
