// scheduling.h — part of the result model: who had the CPUs, who waited for them, and who woke whom.
//
// Rule      As in result.h: what was not observed is absent, never 0.
// Threads   Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vtlab::result {

/// So many times took up to so long, and longer than the row before says.
struct SpreadRow {
  std::uint64_t up_to_ns = 0, count = 0;
};

/// How long something took, each time. Percentiles are of a log-linear histogram: at most 3.1 % too
/// high. Rows are the same histogram in powers of two; those without a value are left out.
struct Spread {
  std::uint64_t count = 0, total_ns = 0;
  std::uint64_t p50_ns = 0, p99_ns = 0, max_ns = 0;
  std::vector<SpreadRow> rows;
};

/// Who woke tasks of a group, how often. `by` is the name of a group, or one of these.
struct Waker {
  std::string by;
  std::uint64_t times = 0;
};
inline constexpr const char* kWokenByInterrupt = "(interrupt on an idle CPU)";
inline constexpr const char* kWokenBySelf = "(interrupt while it ran)";
inline constexpr const char* kWokenByOutside = "(outside the tree)";

/// Tasks that belong together: made by the same action, or with the same name.
struct TaskGroup {
  std::string name;  ///< key of an action, or the name of a process and thread
  std::uint64_t tasks = 0;
  std::uint64_t voluntary = 0, preempted = 0;  ///< switches away, as the kernel counts them
  std::uint64_t migrations = 0;                ///< runs on another CPU than the run before
  Spread on_cpu;                               ///< from a switch to the task to the next one away
  Spread waiting;                              ///< runnable, before it gets the CPU
  Spread off_cpu;                              ///< from stopping of its own will until runnable
  std::vector<Waker> woken_by;                 ///< most frequent first
};

/// Averages of equal steps of time, from the first switch on.
struct TaskTimeline {
  std::uint64_t step_ns = 0;
  std::vector<double> alive, running, waiting;  ///< tasks
};

/// What the kernel itself holds for one task, as far as its type information says.
struct KernelMemory {
  std::optional<std::uint64_t> stack;  ///< bytes, as seen in new tasks; absent if they differ
  std::optional<std::uint64_t> task_struct;
  std::optional<std::uint64_t> signal_struct, sighand_struct;  ///< once per process
  std::optional<std::uint64_t> mm_struct;                      ///< once per address space
};

/// Every switch and wake-up of one run, added up.
struct Scheduling {
  bool by_action = false;         ///< how tasks are grouped; else by name
  std::vector<TaskGroup> groups;  ///< most time on a CPU first
  TaskTimeline timeline;
  KernelMemory memory;
  std::uint64_t switches = 0;  ///< records
  std::uint64_t lost = 0;
  std::string void_because;  ///< set if records are missing or may be wrong
};

}  // namespace vtlab::result
