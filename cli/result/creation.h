// creation.h — part of the result model: how single tasks came to be, and what they share.
//
// Rule      As in result.h: what was not observed is absent, never 0.
// Threads   Plain values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vtlab::result {

/// The stages of a creation in their order. kernel_clone is seen by function rungs at its entry,
/// sched_process_fork by tracepoint rungs when its copy is done: one run has one of the two.
enum class Stage { asked, kernel_clone, copy_process, sched_process_fork, wake_up, first_run };
inline constexpr std::array<std::string_view, 6> kStageKeys = {
    "system_call",        "kernel_clone",     "copy_process",
    "sched_process_fork", "wake_up_new_task", "first_run"};

/// What a new task and its creator can have in common, in the order of Creation::sharing.
inline constexpr std::array<std::string_view, 8> kShareables = {
    "mm", "files", "fs", "sighand", "signal", "nsproxy", "io", "cgroup"};

/// By the pointers in both task_structs. none: the new task has no such object.
enum class Share { unknown, own, shared, none };
inline constexpr std::array<std::string_view, 4> kShareWords = {"unknown", "own", "shared", "none"};

/// What the new task_struct said before the task could run.
struct NewTask {
  std::uint64_t parent = 0;        ///< tgid of its parent process
  std::uint64_t kernel_stack = 0;  ///< address
  std::optional<std::uint64_t> kernel_stack_bytes;
  std::string policy;  ///< "SCHED_OTHER"
  std::int64_t nice = 0;
  std::uint64_t prio = 0;          ///< the kernel's: 120 + nice, below 100 for real-time
  std::uint64_t cpus_allowed = 0;  ///< how many CPUs its affinity has
};

/// One attempt to make a task.
struct Creation {
  std::string action;  ///< as in the ledger
  std::optional<std::uint64_t> unit;
  std::string asked_by;  ///< "clone", "clone3", "fork", "vfork"; without a system call who did
  std::optional<std::uint64_t> flags;  ///< as asked, without the exit signal
  std::string flag_names;     ///< "CLONE_VM|CLONE_VFORK|SIGCHLD"; empty: none, or not known
  std::string error;          ///< "EINVAL"; empty: a task was made
  std::uint64_t creator = 0;  ///< tid
  std::optional<std::uint64_t> tid, tgid;                               ///< the new task
  std::array<std::optional<std::uint64_t>, kStageKeys.size()> time_ns;  ///< CLOCK_MONOTONIC
  std::array<Share, kShareables.size()> sharing{};
  std::optional<NewTask> task;
};

/// Who saw a stage.
struct StageNote {
  std::string stage;  ///< one of kStageKeys
  std::string rung, hook;
};

/// Every attempt of one run, oldest first by the end of the record.
struct Creations {
  std::vector<StageNote> stages;
  std::vector<Creation> records;
  std::uint64_t lost = 0;    ///< records that found no room
  std::string void_because;  ///< set if records are missing or may be wrong
};

}  // namespace vtlab::result
