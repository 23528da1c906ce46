// totals.h — part of the result model: sums over the whole tree that the kernel side keeps, with no record behind them.
//
// Rule      As in result.h: what was not observed is absent, never 0.
// Threads   Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "result/syscalls.h"

namespace vtlab::result {

/// Attempts to make a task that came to the same end.
struct AttemptCount {
  std::string call;  ///< "clone3"; empty: not seen, or the kernel made the task by itself
  std::string
      kind;  ///< "thread", "process"; empty: it failed, and what it asked for could not be read
  std::string
      error;  ///< "EAGAIN"; "ERESTARTNOINTR": broken off by a signal, to be begun anew; empty: made
  std::uint64_t count = 0;
};

struct Totals {
  /// Switches away from tasks of the tree: that stopped by themselves, or could have gone on.
  std::optional<std::uint64_t> voluntary, preempted;
  std::string switches_missing_because;  ///< set exactly when these are empty

  std::optional<std::uint64_t> on_cpu_ns;         ///< of what has given the CPU away again
  std::optional<std::uint64_t> waits, waited_ns;  ///< for a CPU, between runnable and running
  /// Of the waits, shortest first, without empty ones; those of more than 2^23 µs are in none.
  std::vector<LatencyBucket> wait;
  std::string times_missing_because;  ///< set exactly when the five above are empty

  std::optional<std::uint64_t> migrations;  ///< to another CPU
  std::string migrations_missing_because;

  std::vector<AttemptCount> attempts;
  std::uint64_t lost_attempts = 0;  ///< that are in no row
};

}  // namespace vtlab::result
