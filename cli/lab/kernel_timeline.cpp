#include "lab/kernel_timeline.h"

#include <algorithm>
#include <utility>

#include "lab/procfs.h"
#include "scenarios/actions.h"

namespace vtlab::lab {
namespace {

using result::Timeline;

// What its maker said that it makes: "start carrier" makes a carrier.
std::string role_of(const Life& life) {
  constexpr std::string_view kStart = "start ";
  if (!life.born_here) return life.tid == life.tgid ? "main" : "";
  if (life.action == 0 || life.action >= kActionCount) return {};
  std::string_view title = action_texts()[life.action].title;
  if (title.starts_with(kStart)) title.remove_prefix(kStart.size());
  return std::string(title);
}

}  // namespace

KernelTimeline::KernelTimeline(const Lives& lives, std::uint64_t begin_ns)
    : lives_(lives), finder_(lives), begin_ns_(begin_ns) {
  for (const Life& life : lives.all()) add_task(life);
}

std::uint32_t KernelTimeline::add_task(const Life& life) {
  Timeline::Task task{.tid = life.tid, .tgid = life.tgid, .name = life.name, .role = role_of(life)};
  if (life.born_here) {
    task.born_ns = life.born_ns;
    if (life.action != 0) task.action = action_key(life.action);
    // Lives are in order of birth, so the last of that tid so far is the one that lived then.
    for (const std::size_t maker : lives_.of(life.by_tid))
      if (maker < out_.tasks.size()) task.made_by = static_cast<std::uint32_t>(maker);
    const bool is_unit =
        life.unit != 0 && life.action < kActionCount && !action_texts()[life.action].by_body;
    if (is_unit) {
      task.unit = static_cast<std::uint32_t>(out_.units.size());
      out_.units.push_back({life.tid, life.unit - 1});
    }
  }
  if (life.ended) task.ended_ns = life.ended_ns;
  out_.tasks.push_back(std::move(task));
  states_.emplace_back();
  return static_cast<std::uint32_t>(out_.tasks.size() - 1);
}

// The owner of the tid now.
std::uint32_t KernelTimeline::task(std::uint32_t tid, bool born) {
  const auto known = owner_.find(tid);
  if (known != owner_.end() && !born && !states_[known->second].ended) return known->second;
  std::uint32_t task;
  if (const auto place = finder_.next(tid, born)) {
    task = static_cast<std::uint32_t>(*place);
  } else {
    Life life;
    life.tid = tid;
    life.tgid = static_cast<std::uint32_t>(read_status(static_cast<pid_t>(tid)).tgid);
    life.name = life.tgid == 0 ? "" : comm_of(life.tgid, tid);
    task = add_task(life);
  }
  return owner_[tid] = task;
}

// Its place is its beginning's, so that runs are in order of time; the end is told later.
void KernelTimeline::begin_run(State& state, const Run& run) {
  state.seen = true;
  state.cpu = run.cpu;
  state.run = out_.runs.size() < kMostRuns ? out_.runs.size() : kNotKept;
  if (state.run == kNotKept) return void(++not_kept_);
  out_.runs.push_back(run);
}

void KernelTimeline::end_run(std::uint32_t task, std::uint64_t at_ns, Timeline::RunEnd how) {
  const std::size_t place = *std::exchange(states_[task].run, {});
  if (place == kNotKept) return;
  Run& run = out_.runs[place];
  run.to_ns = std::max(at_ns, run.from_ns);
  run.end = how;
}

void KernelTimeline::take(const probes::Switch& s) {
  if (s.prev != 0) stops(s);
  const auto before = on_cpu_.find(s.cpu);  // whose end nobody saw
  if (before != on_cpu_.end() && states_[before->second].run &&
      states_[before->second].cpu == s.cpu)
    end_run(before->second, s.time_ns, Timeline::RunEnd::open);
  if (s.next != 0) starts(s);
}

void KernelTimeline::stops(const probes::Switch& s) {
  const std::uint32_t place = task(s.prev, false);
  State& state = states_[place];
  const auto how = s.prev_ended()   ? Timeline::RunEnd::ended
                   : !s.voluntary() ? Timeline::RunEnd::preempted
                   : s.state() != 0 ? Timeline::RunEnd::blocked
                                    : Timeline::RunEnd::yielded;
  if (state.run) {
    end_run(place, s.time_ns, how);
  } else if (!state.seen && !out_.tasks[place].born_ns) {
    // The first that is heard of it: it ran when recording began.
    before_.push_back({.from_ns = begin_ns_,
                       .to_ns = std::max(begin_ns_, s.time_ns),
                       .task = place,
                       .cpu = s.cpu,
                       .end = how});
  }
  state.seen = true;
  state.ended = state.ended || s.prev_ended();
}

void KernelTimeline::starts(const probes::Switch& s) {
  const auto waker = owner_.find(s.waker);
  const std::uint32_t waker_task =
      s.waker != 0 && waker != owner_.end() ? waker->second : Timeline::kNobody;
  const std::uint32_t place = task(s.next, s.next_is_new());
  State& state = states_[place];
  if (state.run) end_run(place, s.time_ns, Timeline::RunEnd::open);
  Run run{.from_ns = s.time_ns, .to_ns = s.time_ns, .task = place, .cpu = s.cpu};
  if (s.queued_ns != 0) run.waited_ns = s.time_ns - std::min(s.queued_ns, s.time_ns);
  if (s.wakes != 0 || s.next_is_new()) {
    const bool interrupt = s.waker == 0 || s.waker == s.next;
    run.woken = interrupt                         ? Timeline::WokenBy::interrupt
                : waker_task == Timeline::kNobody ? Timeline::WokenBy::outside
                                                  : Timeline::WokenBy::task;
    if (!interrupt) run.waker = waker_task;
  }
  begin_run(state, run);
  on_cpu_[s.cpu] = place;
}

// Of a maker that neither was born nor ended here, only its switches told.
void KernelTimeline::find_makers() {
  for (std::size_t i = 0; i < lives_.all().size(); ++i) {
    Timeline::Task& task = out_.tasks[i];
    const auto maker = owner_.find(lives_.all()[i].by_tid);
    if (!task.born_ns || task.made_by != Timeline::kNobody || maker == owner_.end()) continue;
    if (!out_.tasks[maker->second].born_ns) task.made_by = maker->second;
  }
}

Timeline KernelTimeline::finish(std::uint64_t end_ns, std::uint64_t lost_switches) {
  find_makers();
  for (std::uint32_t task = 0; task < states_.size(); ++task)
    if (states_[task].run) end_run(task, end_ns, Timeline::RunEnd::open);
  for (const Run& run : out_.runs) before_.push_back(run);
  out_.runs = std::move(before_);
  sort_if_needed(out_.runs, [](const Run& a, const Run& b) { return a.from_ns < b.from_ns; });
  if (lost_switches != 0) out_.lost.push_back({"switches", lost_switches});
  if (not_kept_ != 0) out_.lost.push_back({"runs that found no room", not_kept_});
  return std::move(out_);
}

void to_window(Timeline& timeline, std::uint64_t start_ns, std::uint64_t end_ns) {
  const auto relative = [&](std::uint64_t ns) {
    return std::clamp(ns, start_ns, end_ns) - start_ns;
  };
  const auto outside = [&](const auto& span) {
    return span.to_ns < start_ns || span.from_ns > end_ns;
  };
  erase_if(timeline.runs, outside);
  erase_if(timeline.mounts, outside);
  erase_if(timeline.events,
           [&](const auto& event) { return event.at_ns < start_ns || event.at_ns > end_ns; });
  for (auto& run : timeline.runs) {
    if (run.to_ns > end_ns) run.end = Timeline::RunEnd::open;
    run.from_ns = relative(run.from_ns);
    run.to_ns = relative(run.to_ns);
  }
  for (auto& mount : timeline.mounts) {
    if (mount.to_ns > end_ns) mount.end = Timeline::MountEnd::open;
    mount.from_ns = relative(mount.from_ns);
    mount.to_ns = relative(mount.to_ns);
  }
  for (auto& event : timeline.events) event.at_ns = relative(event.at_ns);
  for (auto& task : timeline.tasks) {
    if (task.born_ns) task.born_ns = relative(*task.born_ns);
    if (task.ended_ns && *task.ended_ns > end_ns) task.ended_ns.reset();
    if (task.ended_ns) task.ended_ns = relative(*task.ended_ns);
  }
  timeline.start_ns = start_ns;
  timeline.length_ns = end_ns - start_ns;
}

}  // namespace vtlab::lab
