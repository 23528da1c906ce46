// schedule.h — switches in order of time → who had the CPUs, who waited for them, and who woke whom.
//
// Rule      Pure: no system calls, so a test can feed it. Time runs in the clock of the switches.
// Rule      A tid may be used again; each use is a life of its own, told apart by its birth.
// Threads   One at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "lab/timeline.h"
#include "probes/scheduling.h"
#include "result/histogram.h"
#include "result/scheduling.h"

namespace vtlab::lab {

class Schedule {
 public:
  static constexpr std::size_t kMostGroups = 500, kMostShown = 12;

  /// `group_of` names the group of a tid's next life; `born`: it begins with this switch, else the task was
  /// there before.
  using GroupOf = std::function<std::string(std::uint32_t tid, bool born)>;
  explicit Schedule(GroupOf group_of) : group_of_(std::move(group_of)) {}

  void take(const probes::Switch& s);
  /// Once, after the last one: groups, timeline and the number of switches; the rest is the caller's.
  result::Scheduling finish();

 private:
  struct Times {
    result::Histogram histogram;
    std::uint64_t total_ns = 0;
    void record(std::uint64_t ns);
    void add(const Times& other);
    result::Spread spread() const;
  };
  struct Group {
    std::string name;
    std::uint64_t tasks = 0, voluntary = 0, preempted = 0, migrations = 0;
    Times on_cpu, waiting, off_cpu;
    std::map<std::string, std::uint64_t> woken_by;
  };
  struct Task {
    std::size_t group = 0;
    std::uint64_t born_ns = 0, since_ns = 0;  // since: on the CPU, or off it
    bool runs = false, stopped_by_itself = false, ended = false;
    std::optional<std::uint16_t> cpu;
  };

  std::size_t group_named(const std::string& name);
  Task& task(std::uint32_t tid, bool born, std::uint64_t since_ns);
  void stops(const probes::Switch& s);
  void starts(const probes::Switch& s);
  std::string waker_of(const probes::Switch& s) const;
  void sum_up_small_groups();
  static result::TaskGroup to_result(const Group& group);

  GroupOf group_of_;
  std::vector<std::unique_ptr<Group>> groups_;  // each is 45 KiB
  std::unordered_map<std::string, std::size_t> place_of_;
  std::unordered_map<std::uint32_t, Task> tasks_;  // the last owner of each tid
  std::uint64_t start_ns_ = 0, end_ns_ = 0, switches_ = 0;
  Timeline timeline_;
};

}  // namespace vtlab::lab
