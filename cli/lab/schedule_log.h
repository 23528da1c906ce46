// schedule_log.h — records switches for one window, and who the tasks are that they speak of.
//
// Owns      the recorder of the switches; the session stays its observer's.
// Threads   As the session: one at a time. The recorder has a thread of its own.
#pragma once

#include <optional>
#include <string>

#include "lab/lives.h"
#include "probes/session.h"
#include "result/scheduling.h"
#include "result/timeline.h"

namespace vtlab::lab {

/// By what tasks are grouped: our own programs publish actions, of all others the names are known.
enum class TaskGrouping { by_action, by_name };

class ScheduleLog {
 public:
  /// The window begins now. Errors: std::runtime_error; see probes::SwitchRecorder.
  ScheduleLog(const probes::Session& session, TaskGrouping grouping);

  void take(const probes::Event& event);
  /// The window is over. To be called once, before what follows.
  void end();
  result::Scheduling scheduling();
  /// Its times are CLOCK_MONOTONIC yet: see to_window().
  result::Timeline timeline();

 private:
  std::string group_of(std::uint32_t tid, bool born, LifeFinder& finder) const;
  std::string name_of(const Life& life) const;

  TaskGrouping grouping_;
  probes::SwitchRecorder recorder_;
  std::uint64_t begin_ns_ = 0, end_ns_ = 0;  // CLOCK_MONOTONIC
  Lives lives_;
  std::optional<std::uint32_t> stack_pages_;
  bool stacks_differ_ = false;
};

}  // namespace vtlab::lab
