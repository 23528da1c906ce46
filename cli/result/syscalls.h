// syscalls.h — part of the result model: the system calls of one window, added up in the kernel.
//
// Rule      As in result.h: what was not observed is absent, never 0.
// Threads   Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vtlab::result {

/// So many calls took at most so long, and longer than the bucket before says.
struct LatencyBucket {
  std::uint64_t most_ns = 0;  ///< at most 1/8 above what was recorded
  std::uint64_t count = 0;
};

/// The extremes of what callers asked for.
struct AskedRange {
  std::uint64_t least = 0, most = 0;
};

/// All calls of one name that were alike in who made them, meanwhile doing what, and what they waited for.
struct SystemCall {
  std::string call;        ///< "read"; "call 470" if its number has no known name
  bool is_32_bit = false;  ///< of a 32-bit program
  std::string
      made_by;  ///< the action that made the calling task, as in the ledger; "unattributed": none was seen
  std::string during;  ///< the action that the caller had published; empty: none
  std::string caller;  ///< the calling task's name (comm(5)); empty: not asked for
  std::string
      waited_for;     ///< these calls blocked: "unix stream socket", "unknown"; empty: they did not
  std::string limit;  ///< whether they limited the waiting: "none", "time"; empty: not said
  std::string
      error;  ///< "EAGAIN"; "ERESTARTSYS" and its like: broken off by a signal, to be begun anew
  std::uint64_t returned = 0;
  std::uint64_t unreturned = 0;            ///< the calling task ended in it
  std::uint64_t in_progress = 0;           ///< when the window ended
  std::uint64_t total_ns = 0, max_ns = 0;  ///< of those that returned
  std::vector<LatencyBucket> latency;      ///< shortest first; adds up to `returned`
  std::optional<AskedRange> asked_ns;      ///< how long they wanted to wait
  std::optional<AskedRange> asked_fds;     ///< for how many file descriptors

  std::uint64_t entered() const { return returned + unreturned + in_progress; }
  bool begins_anew() const { return error.starts_with("ERESTART"); }  ///< the program saw no error
};

struct SystemCalls {
  std::vector<std::string> seen_by;  ///< "tp_btf sys_enter"
  std::optional<std::uint64_t>
      units;                     ///< of the run; absent: the program has no units that we know of
  std::vector<SystemCall> rows;  ///< in no order
  std::uint64_t lost = 0;        ///< calls that are in no row
  std::string void_because;      ///< set if calls are missing
};

}  // namespace vtlab::result
