// schedule_log.h — records switches for one window, and who the tasks are that they speak of.
//
// Owns      the recorder of the switches; the session stays its observer's.
// Threads   As the session: one at a time. The recorder has a thread of its own.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "probes/session.h"
#include "result/scheduling.h"

namespace vtlab::lab {

/// By what tasks are grouped: our own programs publish actions, of all others the names are known.
enum class TaskGrouping { by_action, by_name };

class ScheduleLog {
 public:
  /// The window begins now. Errors: std::runtime_error; see probes::SwitchRecorder.
  ScheduleLog(const probes::Session& session, TaskGrouping grouping)
      : grouping_(grouping), recorder_(session.switch_rings()) {}

  void take(const probes::Event& event);
  /// The window is over. To be called once.
  result::Scheduling end();

 private:
  // One owner of a tid.
  struct Life {
    std::uint32_t tgid = 0, action = 0;
    bool born_here = false, ended = false;
    std::string name;  // at its end
  };

  std::string group_of(std::uint32_t tid, bool born);
  std::string name_of(std::uint32_t tid, const Life& life) const;
  void name_the_living();

  TaskGrouping grouping_;
  probes::SwitchRecorder recorder_;
  std::unordered_map<std::uint32_t, std::vector<Life>> lives_;  // by tid, in order
  std::unordered_map<std::uint32_t, std::size_t> next_life_;
  std::optional<std::uint32_t> stack_pages_;
  bool stacks_differ_ = false;
};

}  // namespace vtlab::lab
