// carrier.h — a task that has lately run, for the live view. It is in no document.
#pragma once

#include <cstdint>
#include <string>

namespace vtlab::result {

/// Shares are of the time between two looks; of one CPU.
struct Carrier {
  std::uint64_t tid = 0;
  std::string name;       ///< comm(5) of the thread
  char state = '?';       ///< proc_pid_stat(5): R, S, D, …
  double running = 0;     ///< on a CPU
  double waiting = 0;     ///< runnable, without one
  double runs_per_s = 0;  ///< how often it was given a CPU
  std::uint64_t cpu = 0;  ///< the last one
};

}  // namespace vtlab::result
