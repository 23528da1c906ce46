#include "lab/go_timeline.h"

namespace vtlab::lab {

using result::Timeline;

GoTimeline::Goroutine& GoTimeline::of(std::uint64_t g) {
  const auto [at, fresh] = living_.try_emplace(g);
  if (fresh) at->second.unit = to_.unit(++units_);
  return at->second;
}

void GoTimeline::leave(std::uint64_t at_ns, Goroutine& who, Timeline::MountEnd how) {
  if (who.task == Timeline::kNobody) return;
  to_.unmount(at_ns, who.task, how);
  on_task_.erase(who.task);
  who.task = Timeline::kNobody;
}

void GoTimeline::take(const GoPass& pass) {
  const std::uint32_t task = to_.task(pass.tid, pass.at_ns);
  Goroutine& who = of(pass.g);
  Timeline::Event event{.at_ns = pass.at_ns, .task = task, .unit = who.unit};
  const auto told = [&](Timeline::Kind kind) {
    event.kind = kind;
    to_.event(event);
  };
  switch (pass.step) {
    case GoStep::none:
      return;
    case GoStep::mount: {
      const auto silent = [](const Goroutine& g) {
        return g.in_call ? Timeline::MountEnd::blocking : Timeline::MountEnd::yielded;
      };
      leave(pass.at_ns, who, silent(who));
      if (const auto before = on_task_.find(task); before != on_task_.end())
        if (const auto g = living_.find(before->second); g != living_.end())
          leave(pass.at_ns, g->second, silent(g->second));
      who.in_call = false;
      if (task == Timeline::kNobody) return;
      to_.mount(pass.at_ns, who.unit, task);
      who.task = task;
      on_task_[task] = pass.g;
      return;
    }
    case GoStep::park:
      event.reason = to_.word(pass.reason);
      told(Timeline::Kind::park);
      leave(pass.at_ns, who, Timeline::MountEnd::parked);
      return;
    case GoStep::ready:
      if (const auto by = on_task_.find(task); by != on_task_.end()) {
        event.by = Timeline::Actor::unit;
        event.number = of(by->second).unit;
      } else if (task != Timeline::kNobody) {
        event.by = Timeline::Actor::task;
        event.number = task;
      }
      told(Timeline::Kind::unpark);
      return;
    case GoStep::ended:
      told(Timeline::Kind::done);
      leave(pass.at_ns, who, Timeline::MountEnd::done);
      living_.erase(pass.g);
      return;
    case GoStep::call:
      who.in_call = true;
      told(Timeline::Kind::block);
      return;
    case GoStep::call_over:
      who.in_call = false;
      told(Timeline::Kind::unblock);
      return;
  }
}

}  // namespace vtlab::lab
