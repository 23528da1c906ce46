#include "lab/own_units.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <unordered_map>

#include "lab/foreign/causes.h"
#include "lab/kernel_timeline.h"
#include "lab/unit_timeline.h"

namespace vtlab::lab {
namespace {

using result::Timeline;
using Kind = Timeline::Kind;
using Actor = Timeline::Actor;

struct KindWord {
  std::string_view word;
  Kind kind;
};
constexpr KindWord kKinds[] = {{"start", Kind::start},
                               {"park", Kind::park},
                               {"unpark", Kind::unpark},
                               {"signal", Kind::signal},
                               {"pin_wait", Kind::pin},
                               {"pin_resume", Kind::unpin},
                               {"blocking_enter", Kind::block},
                               {"blocking_exit", Kind::unblock},
                               {"done", Kind::done},
                               {"steal", Kind::steal},
                               {"compensate", Kind::compensate},
                               {"hand_off", Kind::hand_off},
                               {"carrier_start", Kind::carrier_start},
                               {"carrier_stop", Kind::carrier_stop},
                               {"carrier_sleep", Kind::sleep},
                               {"carrier_wake", Kind::wake}};

struct ActorWord {
  std::string_view word;
  Actor actor;
};
constexpr ActorWord kActors[] = {{"platform_thread", Actor::task},
                                 {"vthread", Actor::unit},
                                 {"readiness", Actor::descriptor},
                                 {"deadline", Actor::deadline},
                                 {"earlier_signal", Actor::earlier_signal}};

Timeline::MountEnd mount_end(std::string_view reason) {
  if (reason == "park") return Timeline::MountEnd::parked;
  if (reason == "yield") return Timeline::MountEnd::yielded;
  return reason == "blocking" ? Timeline::MountEnd::blocking : Timeline::MountEnd::done;
}

// The records of our own runtime, one after the other; a local of add_units().
class Teller {
 public:
  Teller(UnitTimeline& to, Timeline& timeline, bool has_procs)
      : to_(to), timeline_(timeline), has_procs_(has_procs) {}

  void tell(const UnitEvent& e) {
    const std::string_view word = kind_word(e), reason = reason_word(e);
    if (word == "carrier_start") on_carrier_[e.carrier] = begin_carrier(e);
    const std::uint32_t task = carrier(e.carrier);
    if (word == "mount") return to_.mount(e.ns, to_.unit(e.vthread), task);
    if (word == "unmount") return to_.unmount(e.ns, task, mount_end(reason));
    if (word == "lost") return to_.lost("records of the runtime", e.arg);
    const auto* known = std::find_if(std::begin(kKinds), std::end(kKinds),
                                     [&](const KindWord& k) { return k.word == word; });
    if (known == std::end(kKinds)) return;
    Timeline::Event event{.at_ns = e.ns, .task = task, .kind = known->kind};
    if (e.vthread) event.unit = to_.unit(e.vthread);
    if (by_somebody(event.kind))
      add_actor(event, e, reason);
    else
      event.reason = to_.word(reason);
    if (event.kind == Kind::steal || event.kind == Kind::hand_off) event.number = e.arg;
    // With Ps, units are stolen from a P, not from a carrier.
    if (event.kind == Kind::compensate || event.kind == Kind::hand_off ||
        (event.kind == Kind::steal && !has_procs_))
      event.peer = carrier(e.peer);
    to_.event(event);
  }

 private:
  static bool by_somebody(Kind kind) {
    return kind == Kind::start || kind == Kind::unpark || kind == Kind::signal;
  }

  void add_actor(Timeline::Event& event, const UnitEvent& e, std::string_view reason) {
    for (const ActorWord& known : kActors)
      if (known.word == reason) event.by = known.actor;
    if (event.by == Actor::descriptor) event.number = e.arg;
    if (event.by == Actor::unit) event.number = to_.unit(e.arg);
    if (event.by != Actor::task) return;
    const std::uint32_t task = to_.task(static_cast<std::uint32_t>(e.arg), e.ns);
    if (task == Timeline::kNobody) return;
    event.number = task;
    if (event.task == Timeline::kNobody) event.task = task;  // no carrier: it happened there
  }

  std::uint32_t begin_carrier(const UnitEvent& e) {
    const std::uint32_t task = to_.task(static_cast<std::uint32_t>(e.arg), e.ns);
    if (task == Timeline::kNobody) return task;
    std::string& role = timeline_.tasks[task].role;
    const std::string name = (has_procs_ ? "M " : "carrier ") + std::to_string(e.carrier);
    role = role == "main" ? role + ", " + name : name;
    return task;
  }

  // Of the outside, and of one that has not begun yet, nothing is known.
  std::uint32_t carrier(std::uint32_t number) const {
    const auto known = on_carrier_.find(number);
    return known == on_carrier_.end() ? Timeline::kNobody : known->second;
  }

  UnitTimeline& to_;
  Timeline& timeline_;
  const bool has_procs_;
  std::unordered_map<std::uint32_t, std::uint32_t>
      on_carrier_;  // the task, by number of the carrier
};

// Where there is no log: when each unit was asked for and when it was done, which every mode tells.
void tell_units(UnitTimeline& to, Timeline& timeline, const std::vector<UnitFacts>& units) {
  std::unordered_map<std::uint64_t, std::uint32_t> by_number;  // those that are tasks
  for (std::uint32_t unit = 0; unit < timeline.units.size(); ++unit)
    if (const auto number = timeline.units[unit].number) by_number.emplace(*number, unit);
  std::unordered_map<std::uint32_t, std::uint32_t> makers;
  for (const Timeline::Task& task : timeline.tasks)
    if (task.unit != Timeline::kNobody) makers[task.unit] = task.made_by;
  for (std::uint64_t number = 0; number < units.size(); ++number) {
    const UnitFacts& facts = units[number];
    if (facts.asked_ns == 0) continue;
    const auto known = by_number.find(number);
    std::uint32_t unit;
    if (known != by_number.end()) {
      unit = known->second;
    } else {
      unit = static_cast<std::uint32_t>(timeline.units.size());
      timeline.units.push_back({number, number});
    }
    Timeline::Event start{.at_ns = facts.asked_ns, .unit = unit, .kind = Kind::start};
    if (const auto maker = makers.find(unit); maker != makers.end()) start.task = maker->second;
    to.event(start);
    if (facts.finished_ns != 0)
      to.event({.at_ns = facts.finished_ns,
                .task = to.task(facts.last_tid, facts.finished_ns),
                .unit = unit,
                .kind = Kind::done});
  }
}

void number_units(UnitTimeline& to, const Observation& seen) {
  for (std::uint64_t number = 0; number < seen.unit_ids.size(); ++number)
    if (seen.unit_ids[number] != 0) to[to.unit(seen.unit_ids[number])].number = number;
}

// Platform threads have names that their program gives them: "unit-7" (Work.java).
void find_units_of_jvm(Timeline& timeline) {
  constexpr std::string_view kUnit = "unit-";
  for (Timeline::Task& task : timeline.tasks) {
    if (!task.name.starts_with(kUnit)) continue;
    const std::uint64_t number = std::strtoull(task.name.c_str() + kUnit.size(), nullptr, 10);
    task.unit = static_cast<std::uint32_t>(timeline.units.size());
    timeline.units.push_back({task.tid, number});
  }
}

// A program of another runtime publishes no actions; see causes.h.
void tell_actions(Timeline& timeline, Language language) {
  for (Timeline::Task& task : timeline.tasks) {
    if (!task.born_ns || !task.action.empty()) continue;
    task.action =
        text(language == Language::go ? Action::start_m : cause_of_jvm_thread(task.name)).key;
  }
}

}  // namespace

void add_units(Timeline& timeline, const Observation& seen) {
  UnitTimeline to(timeline);
  const Mode& mode = *seen.experiment.mode;
  if (mode.foreign) tell_actions(timeline, *mode.foreign);
  if (mode.has_event_log) {
    if (seen.events.empty())
      timeline.mounts_missing_because = "the runtime told nothing of its units";
    Teller teller(to, timeline, mode.has_procs);
    for (const UnitEvent& event : seen.events) teller.tell(event);
    number_units(to, seen);
  } else if (!timeline.mounts.empty()) {  // probes on its functions have told
    number_units(to, seen);
  } else {
    if (mode.foreign == Language::java && !mode.threads) find_units_of_jvm(timeline);
    const bool are_tasks = !timeline.units.empty();
    tell_units(to, timeline, seen.units);
    if (!are_tasks)
      timeline.mounts_missing_because =
          "this mode tells when a unit was asked for and done, not when it ran";
  }
  to.finish(seen.end_ns);
  to_window(timeline, seen.start_ns, seen.end_ns);
}

}  // namespace vtlab::lab
