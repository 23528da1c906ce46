#include "lab/schedule.h"

#include <algorithm>
#include <bit>

namespace vtlab::lab {

void Schedule::Times::record(std::uint64_t ns) {
  histogram.record(ns);
  total_ns += ns;
}

void Schedule::Times::add(const Times& other) {
  histogram.add(other.histogram);
  total_ns += other.total_ns;
}

result::Spread Schedule::Times::spread() const {
  result::Spread out;
  out.count = histogram.count();
  out.total_ns = total_ns;
  if (out.count == 0) return out;
  out.p50_ns = histogram.percentile(0.50);
  out.p99_ns = histogram.percentile(0.99);
  out.max_ns = histogram.max();
  histogram.each_bucket([&](std::uint64_t highest, std::uint64_t count) {
    const std::uint64_t up_to = std::bit_width(highest) == 64
                                    ? UINT64_MAX
                                    : (std::uint64_t{1} << std::bit_width(highest)) - 1;
    if (out.rows.empty() || out.rows.back().up_to_ns != up_to) out.rows.push_back({up_to, 0});
    out.rows.back().count += count;
  });
  return out;
}

std::size_t Schedule::group_named(const std::string& wanted) {
  const auto known = place_of_.find(wanted);
  if (known != place_of_.end()) return known->second;
  const bool full = groups_.size() >= kMostGroups;
  const std::string name = full ? "(others)" : wanted;
  const auto [at, fresh] = place_of_.emplace(name, groups_.size());
  if (fresh) {
    groups_.push_back(std::make_unique<Group>());
    groups_.back()->name = name;
  }
  return at->second;
}

// The task that owns the tid now. One that was not born before our eyes was there from the start.
Schedule::Task& Schedule::task(std::uint32_t tid, bool born, std::uint64_t since_ns) {
  const auto [at, fresh] = tasks_.try_emplace(tid);
  Task& task = at->second;
  const bool alive = !fresh && !task.ended;
  if (alive && !born) return task;
  if (alive) timeline_.add(Timeline::alive, task.born_ns, since_ns);  // its end was not shown
  task = Task{};
  task.group = group_named(group_of_(tid, born));
  task.born_ns = born ? since_ns : start_ns_;
  ++groups_[task.group]->tasks;
  return task;
}

void Schedule::take(const probes::Switch& s) {
  if (switches_++ == 0) {
    start_ns_ = s.time_ns;
    timeline_.begin(start_ns_);
  }
  end_ns_ = std::max(end_ns_, s.time_ns);
  if (s.prev != 0) stops(s);
  if (s.next != 0) starts(s);
}

void Schedule::stops(const probes::Switch& s) {
  Task& stopped = task(s.prev, false, s.time_ns);
  Group& group = *groups_[stopped.group];
  ++(s.voluntary() ? group.voluntary : group.preempted);
  if (stopped.runs) {
    group.on_cpu.record(s.time_ns - stopped.since_ns);
    timeline_.add(Timeline::running, stopped.since_ns, s.time_ns);
  }
  stopped.runs = false;
  stopped.stopped_by_itself = s.voluntary() && s.state() != 0;
  stopped.since_ns = s.time_ns;
  stopped.cpu = s.cpu;
  if (!s.prev_ended()) return;
  timeline_.add(Timeline::alive, stopped.born_ns, s.time_ns);
  stopped.ended = true;  // but it may have woken somebody who runs only now
}

void Schedule::starts(const probes::Switch& s) {
  const std::uint64_t queued_ns = s.queued_ns != 0 ? std::min(s.queued_ns, s.time_ns) : s.time_ns;
  // Of a tid that died unseen, as of one whose life we enter in the middle, nothing is known before.
  Task& started = task(s.next, s.next_is_new(), queued_ns);
  Group& group = *groups_[started.group];
  if (s.queued_ns != 0) {
    group.waiting.record(s.time_ns - queued_ns);
    timeline_.add(Timeline::waiting, queued_ns, s.time_ns);
  }
  if (started.stopped_by_itself && s.queued_ns != 0 && queued_ns >= started.since_ns)
    group.off_cpu.record(queued_ns - started.since_ns);
  if (started.cpu && *started.cpu != s.cpu) ++group.migrations;
  if (s.wakes != 0) group.woken_by[waker_of(s)] += s.wakes;
  started.runs = true;
  started.since_ns = s.time_ns;
  started.cpu = s.cpu;
}

std::string Schedule::waker_of(const probes::Switch& s) const {
  if (s.waker == 0) return result::kWokenByInterrupt;
  if (s.waker == s.next) return result::kWokenBySelf;
  const auto waker = tasks_.find(s.waker);
  return waker == tasks_.end() ? result::kWokenByOutside : groups_[waker->second.group]->name;
}

result::TaskGroup Schedule::to_result(const Group& group) {
  result::TaskGroup out{group.name,
                        group.tasks,
                        group.voluntary,
                        group.preempted,
                        group.migrations,
                        group.on_cpu.spread(),
                        group.waiting.spread(),
                        group.off_cpu.spread(),
                        {}};
  for (const auto& [by, times] : group.woken_by) out.woken_by.push_back({by, times});
  std::stable_sort(out.woken_by.begin(), out.woken_by.end(),
                   [](const auto& a, const auto& b) { return a.times > b.times; });
  constexpr std::size_t kMostWakers = 8;
  while (out.woken_by.size() > kMostWakers) {
    const std::uint64_t times = out.woken_by.back().times;
    out.woken_by.pop_back();
    out.woken_by.back() = {"(others)", out.woken_by.back().times + times};
  }
  return out;
}

void Schedule::sum_up_small_groups() {
  if (groups_.size() <= kMostShown) return;
  Group rest;
  rest.name = "(" + std::to_string(groups_.size() - kMostShown + 1) + " others)";
  while (groups_.size() >= kMostShown) {
    const Group& small = *groups_.back();
    rest.tasks += small.tasks;
    rest.voluntary += small.voluntary;
    rest.preempted += small.preempted;
    rest.migrations += small.migrations;
    rest.on_cpu.add(small.on_cpu);
    rest.waiting.add(small.waiting);
    rest.off_cpu.add(small.off_cpu);
    for (const auto& [by, times] : small.woken_by) rest.woken_by[by] += times;
    groups_.pop_back();
  }
  groups_.push_back(std::make_unique<Group>(std::move(rest)));
}

result::Scheduling Schedule::finish() {
  for (const auto& [tid, task] : tasks_) {
    if (task.ended) continue;
    timeline_.add(Timeline::alive, task.born_ns, end_ns_);
    if (task.runs) timeline_.add(Timeline::running, task.since_ns, end_ns_);
  }
  std::stable_sort(groups_.begin(), groups_.end(), [](const auto& a, const auto& b) {
    return a->on_cpu.total_ns > b->on_cpu.total_ns;
  });
  sum_up_small_groups();
  result::Scheduling out;
  for (const auto& group : groups_) out.groups.push_back(to_result(*group));
  out.switches = switches_;
  out.timeline = {timeline_.step_ns(), timeline_.averages(Timeline::alive, end_ns_),
                  timeline_.averages(Timeline::running, end_ns_),
                  timeline_.averages(Timeline::waiting, end_ns_)};
  return out;
}

}  // namespace vtlab::lab
