#include "render/player.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>

#include "render/format.h"
#include "render/observed.h"
#include "render/timeline_view.h"
#include "render/words.h"

namespace vtlab::render {
namespace {

using result::Timeline;
using Kind = Timeline::Kind;

constexpr std::size_t kMostCpus = 8, kMostCarriers = 8;

// Where a record was last heard of.
std::optional<std::uint64_t> last_time(const result::Creation& creation) {
  std::optional<std::uint64_t> last;
  for (const auto& time : creation.time_ns)
    if (time && (!last || *time > *last)) last = time;
  return last;
}

std::optional<std::uint64_t> birth_time(const result::Creation& creation) {
  const auto& woken = creation.time_ns[static_cast<std::size_t>(result::Stage::wake_up)];
  return woken ? woken : last_time(creation);
}

bool is_of(const Timeline::Task& task, const result::LedgerRow& row) {
  return task.born_ns &&
         (task.action.empty() ? row.action == "unattributed" : task.action == row.action);
}

}  // namespace

Played played(const result::Result& r) {
  Played out;
  out.title = r.scenario + ", mode " + r.mode + ": " + r.mode_title;
  if (const auto& timeline = r.details.timeline.value) out.timeline = &*timeline;
  if (const auto& creations = r.details.creations.value) out.creations = &*creations;
  out.ledger = r.ledger;
  return out;
}

Played played(const result::Observed& observed) {
  Played out;
  out.title = observed_title(observed);
  if (const auto& timeline = observed.details.timeline.value) out.timeline = &*timeline;
  if (const auto& creations = observed.details.creations.value) out.creations = &*creations;
  return out;
}

Player::Player(const Played& what)
    : played_(what),
      own_(what.timeline ? Timeline{} : from_creations(*what.creations)),
      timeline_(what.timeline ? *what.timeline : own_),
      has_mounts_(!timeline_.mounts.empty()) {
  for (const Timeline::Task& task : timeline_.tasks)
    units_are_tasks_ = units_are_tasks_ || task.unit != kNobody;
  for (const Timeline::Event& event : timeline_.events)
    waits_are_held_ = waits_are_held_ || event.kind == Kind::pin || event.kind == Kind::block;
  for (const result::LedgerRow& row : played_.ledger)
    ledger_is_told_.push_back(static_cast<std::uint64_t>(std::count_if(
                                  timeline_.tasks.begin(), timeline_.tasks.end(),
                                  [&](const auto& task) { return is_of(task, row); })) ==
                              row.kernel_tasks);
  collect();
  choose_places();
  restart();
}

// The tasks that were made, and who made them.
Timeline Player::from_creations(const result::Creations& creations) {
  Timeline out;
  out.start_ns = UINT64_MAX;
  for (const result::Creation& one : creations.records)
    for (const auto& time : one.time_ns)
      if (time) out.start_ns = std::min(out.start_ns, *time);
  std::vector<const result::Creation*> made;
  for (const result::Creation& one : creations.records) {
    if (const auto last = last_time(one))
      out.length_ns = std::max(out.length_ns, *last - out.start_ns + 1);
    if (one.error.empty() && one.tid && birth_time(one)) made.push_back(&one);
  }
  std::sort(made.begin(), made.end(),
            [](const auto* a, const auto* b) { return birth_time(*a) < birth_time(*b); });
  std::unordered_map<std::uint64_t, std::uint32_t> task_of;  // the last one of that tid
  for (const result::Creation* one : made) {
    const auto next = static_cast<std::uint32_t>(out.tasks.size());
    const auto [creator, unknown] = task_of.emplace(one->creator, next);
    const std::uint32_t by = creator->second;
    if (unknown)
      out.tasks.push_back({.tid = static_cast<std::uint32_t>(one->creator),
                           .tgid = static_cast<std::uint32_t>(one->creator),
                           .role = next == 0 ? "main" : ""});
    task_of[*one->tid] = static_cast<std::uint32_t>(out.tasks.size());
    out.tasks.push_back({.tid = static_cast<std::uint32_t>(*one->tid),
                         .tgid = static_cast<std::uint32_t>(one->tgid.value_or(0)),
                         .action = one->action == "unattributed" ? "" : one->action,
                         .made_by = by,
                         .born_ns = *birth_time(*one) - out.start_ns});
  }
  return out;
}

void Player::collect() {
  const auto add = [this](std::uint64_t at_ns, std::size_t place, What what) {
    moments_.push_back({at_ns, static_cast<std::uint32_t>(place), what});
  };
  for (std::size_t i = 0; i < timeline_.tasks.size(); ++i) {
    const Timeline::Task& task = timeline_.tasks[i];
    if (task.born_ns) add(*task.born_ns, i, What::birth);
    if (task.ended_ns) add(*task.ended_ns, i, What::death);
  }
  for (std::size_t i = 0; i < timeline_.runs.size(); ++i) {
    const Timeline::Run& run = timeline_.runs[i];
    add(run.from_ns, i, What::run_begin);
    add(run.to_ns, i, What::run_end);
    if (run.waited_ns != Timeline::kNotKnown)
      add(run.from_ns - std::min(run.waited_ns, run.from_ns), i, What::woken);
  }
  for (std::size_t i = 0; i < timeline_.mounts.size(); ++i) {
    add(timeline_.mounts[i].from_ns, i, What::mount_begin);
    add(timeline_.mounts[i].to_ns, i, What::mount_end);
  }
  for (std::size_t i = 0; i < timeline_.events.size(); ++i) {
    const Kind kind = timeline_.events[i].kind;
    const bool leaves = kind == Kind::park || kind == Kind::done;
    add(timeline_.events[i].at_ns, i, leaves ? What::end_of_wait : What::event);
  }
  creation_of_.resize(timeline_.tasks.size());
  if (played_.creations) {
    std::unordered_map<std::uint64_t, std::vector<const result::Creation*>> by_tid;
    for (const result::Creation& one : played_.creations->records)
      if (one.error.empty() && one.tid) by_tid[*one.tid].push_back(&one);
    std::unordered_map<std::uint64_t, std::size_t> lives;
    for (std::size_t i = 0; i < timeline_.tasks.size(); ++i) {
      const Timeline::Task& task = timeline_.tasks[i];
      if (!task.born_ns) continue;
      const auto& records = by_tid[task.tid];
      const std::size_t life = lives[task.tid]++;
      if (life < records.size()) creation_of_[i] = records[life];
    }
    for (std::size_t i = 0; i < played_.creations->records.size(); ++i) {
      const result::Creation& one = played_.creations->records[i];
      const auto at = last_time(one);
      if (!one.error.empty() && at && *at >= timeline_.start_ns)
        add(std::min(*at - timeline_.start_ns, timeline_.length_ns), i, What::failure);
    }
  }
  std::stable_sort(moments_.begin(), moments_.end(), [](const Moment& a, const Moment& b) {
    return std::tie(a.at_ns, a.what) < std::tie(b.at_ns, b.what);
  });
}

// CPUs by their number, carriers in the order in which they begin.
void Player::choose_places() {
  std::set<std::uint16_t> cpus;
  for (const Timeline::Run& run : timeline_.runs) cpus.insert(run.cpu);
  cpus_.assign(cpus.begin(), cpus.end());
  std::vector<bool> known(timeline_.tasks.size());
  for (const Timeline::Mount& mount : timeline_.mounts) {
    if (!known[mount.task]) carriers_.push_back(mount.task);
    known[mount.task] = true;
  }
  std::sort(carriers_.begin(), carriers_.end());
}

void Player::restart() {
  next_ = 0;
  states_.assign(timeline_.units.size(), not_started);
  count_.assign(kStates, 0);
  count_[not_started] = timeline_.units.size();
  on_task_.assign(timeline_.tasks.size(), kNobody);
  on_cpu_.assign(cpus_.size(), kNobody);
  cpu_of_.assign(timeline_.tasks.size(), kNobody);
  asleep_.assign(timeline_.tasks.size(), false);
  made_by_row_.assign(played_.ledger.size(), 0);
  made_ = runs_ = mounts_ = parks_ = failures_ = 0;
  alive_ = static_cast<std::uint64_t>(
      std::count_if(timeline_.tasks.begin(), timeline_.tasks.end(),
                    [](const Timeline::Task& task) { return !task.born_ns; }));
}

void Player::advance(std::uint64_t at_ns) {
  if (next_ > 0 && moments_[next_ - 1].at_ns > at_ns) restart();
  for (; next_ < moments_.size() && moments_[next_].at_ns <= at_ns; ++next_) apply(moments_[next_]);
}

void Player::set(std::uint32_t unit, State state) {
  if (unit == kNobody || states_[unit] == finished) return;
  --count_[states_[unit]];
  ++count_[states_[unit] = state];
}

void Player::apply(const Moment& moment) {
  switch (moment.what) {
    case What::birth: {
      const Timeline::Task& task = timeline_.tasks[moment.place];
      ++made_;
      ++alive_;
      set(task.unit, runnable);
      for (std::size_t row = 0; row < played_.ledger.size(); ++row)
        if (is_of(task, played_.ledger[row])) ++made_by_row_[row];
      return;
    }
    case What::death:
      --alive_;
      return set(timeline_.tasks[moment.place].unit, finished);
    case What::failure:
      ++failures_;
      return;
    case What::run_begin: {
      const Timeline::Run& run = timeline_.runs[moment.place];
      const auto cpu = static_cast<std::size_t>(
          std::lower_bound(cpus_.begin(), cpus_.end(), run.cpu) - cpus_.begin());
      ++runs_;
      on_cpu_[cpu] = run.task;
      cpu_of_[run.task] = run.cpu;
      return set(timeline_.tasks[run.task].unit, running);
    }
    case What::run_end: {
      const Timeline::Run& run = timeline_.runs[moment.place];
      const auto cpu = static_cast<std::size_t>(
          std::lower_bound(cpus_.begin(), cpus_.end(), run.cpu) - cpus_.begin());
      if (run.end == Timeline::RunEnd::open) return;
      if (on_cpu_[cpu] == run.task) on_cpu_[cpu] = kNobody;
      if (cpu_of_[run.task] == run.cpu) cpu_of_[run.task] = kNobody;
      const bool waits = run.end == Timeline::RunEnd::blocked;
      return set(timeline_.tasks[run.task].unit, waits ? waiting : runnable);
    }
    case What::woken: {
      const std::uint32_t unit = timeline_.tasks[timeline_.runs[moment.place].task].unit;
      if (unit != kNobody && states_[unit] == waiting) set(unit, runnable);
      return;
    }
    case What::mount_begin: {
      const Timeline::Mount& mount = timeline_.mounts[moment.place];
      ++mounts_;
      on_task_[mount.task] = mount.unit;
      return set(mount.unit, running);
    }
    case What::mount_end: {
      const Timeline::Mount& mount = timeline_.mounts[moment.place];
      if (mount.end == Timeline::MountEnd::open) return;
      if (on_task_[mount.task] == mount.unit) on_task_[mount.task] = kNobody;
      if (mount.end == Timeline::MountEnd::done) return set(mount.unit, finished);
      // Who was told to park, and then to go on, before it was off its task, is runnable.
      if (states_[mount.unit] != running && states_[mount.unit] != held) return;
      return set(mount.unit, mount.end == Timeline::MountEnd::parked ? waiting : runnable);
    }
    case What::end_of_wait:
    case What::event:
      return apply(timeline_.events[moment.place]);
  }
}

void Player::apply(const Timeline::Event& event) {
  const bool known = event.unit != kNobody;
  switch (event.kind) {
    case Kind::start:
      // Who is a task itself is made now, and born when the kernel says so.
      if (known && !units_are_tasks_ && states_[event.unit] == not_started)
        set(event.unit, has_mounts_ ? runnable : under_way);
      return;
    case Kind::park:
      ++parks_;
      return set(event.unit, waiting);
    case Kind::unpark:
      if (known && states_[event.unit] == waiting) set(event.unit, runnable);
      return;
    case Kind::pin:
    case Kind::block:
      return set(event.unit, held);
    case Kind::unpin:
    case Kind::unblock:
      if (known && states_[event.unit] == held) set(event.unit, running);
      return;
    case Kind::done:
      return set(event.unit, finished);
    case Kind::sleep:
      if (event.task != kNobody) asleep_[event.task] = true;
      return;
    case Kind::wake:
    case Kind::carrier_start:
    case Kind::carrier_stop:
      if (event.task != kNobody) asleep_[event.task] = false;
      return;
    case Kind::signal:
    case Kind::steal:
    case Kind::compensate:
    case Kind::hand_off:
      return;
  }
}

// Where a runtime tells of its units, which CPU their tasks have is seen in the places.
bool Player::is_told(const Moment& moment) const {
  switch (moment.what) {
    case What::birth:
    case What::failure:
    case What::event:
    case What::end_of_wait:
    case What::mount_begin:
      return true;
    case What::mount_end:
      return timeline_.mounts[moment.place].end == Timeline::MountEnd::yielded;
    case What::run_begin:
      return !has_mounts_ && timeline_.runs[moment.place].from_ns != 0;
    case What::run_end:
      return !has_mounts_ && timeline_.runs[moment.place].end != Timeline::RunEnd::open;
    case What::death:
      return has_mounts_ || timeline_.runs.empty();
    case What::woken:
      return false;
  }
  return false;
}

// "makes carrier 0: start carrier, clone3 CLONE_VM|…"
std::string Player::birth(std::uint32_t place) const {
  const Timeline::Task& task = timeline_.tasks[place];
  std::string out = "makes " + task_name(timeline_, place);
  std::vector<std::string> more;
  std::string by = spaced(one_line(task.action));
  for (const result::LedgerRow& row : played_.ledger)
    if (row.action == task.action) by = one_line(row.title);
  if (!by.empty()) more.push_back(by);
  if (const result::Creation* creation = creation_of_[place])
    more.push_back(one_line(creation->asked_by +
                            (creation->flag_names.empty() ? "" : " " + creation->flag_names)));
  return more.empty() ? out : out + ": " + join(more, ", ");
}

std::string Player::tell(const Moment& moment) const {
  std::uint32_t task = kNobody;
  std::string text;
  switch (moment.what) {
    case What::birth:
      task = timeline_.tasks[moment.place].made_by;
      text = birth(moment.place);
      break;
    case What::death:
      task = moment.place;
      text = "ends";
      break;
    case What::failure: {
      const result::Creation& one = played_.creations->records[moment.place];
      text = "gets no task: " + one_line(one.asked_by) + " " + one_line(one.error) + " " +
             one_line(one.flag_names);
      for (std::uint32_t i = 0; i < timeline_.tasks.size(); ++i)
        if (timeline_.tasks[i].tid == one.creator) task = i;
      break;
    }
    case What::run_begin:
    case What::run_end: {
      const Timeline::Run& run = timeline_.runs[moment.place];
      task = run.task;
      text = moment.what == What::run_begin ? beginning_of(timeline_, run) : end_of(run);
      break;
    }
    case What::mount_begin:
    case What::mount_end: {
      const Timeline::Mount& mount = timeline_.mounts[moment.place];
      task = mount.task;
      text = unit_name(timeline_, mount.unit) +
             (moment.what == What::mount_begin ? " runs here" : " yields");
      break;
    }
    case What::end_of_wait:
    case What::event:
      task = timeline_.events[moment.place].task;
      text = happening_of(timeline_, timeline_.events[moment.place]);
      break;
    case What::woken:
      break;
  }
  const std::string who = task_name(timeline_, task);
  if (text.starts_with(who + " ")) text.erase(0, who.size() + 1);
  return pad_left(since_start(moment.at_ns), 13) + "  " + pad_right(shorten(who, 16), 17) + text;
}

std::uint64_t Player::next(std::uint64_t at_ns) const {
  auto moment = std::upper_bound(moments_.begin(), moments_.end(), at_ns,
                                 [](std::uint64_t at, const Moment& m) { return at < m.at_ns; });
  while (moment != moments_.end() && !is_told(*moment)) ++moment;
  return moment == moments_.end() ? length_ns() : std::min(moment->at_ns, length_ns());
}

std::uint64_t Player::previous(std::uint64_t at_ns) const {
  auto moment = std::lower_bound(moments_.begin(), moments_.end(), at_ns,
                                 [](const Moment& m, std::uint64_t at) { return m.at_ns < at; });
  while (moment != moments_.begin())
    if (is_told(*--moment)) return moment->at_ns;
  return 0;
}

Frame Player::at(std::uint64_t at_ns, std::size_t latest) {
  at_ns = std::min(at_ns, length_ns());
  advance(at_ns);
  Frame frame;
  frame.title = played_.title;
  frame.at_ns = at_ns;
  frame.length_ns = length_ns();
  add_tasks(frame);
  add_units(frame);
  add_places(frame);
  for (std::size_t i = next_; i-- > 0 && frame.latest.size() < latest;)
    if (is_told(moments_[i])) frame.latest.push_back(tell(moments_[i]));
  std::reverse(frame.latest.begin(), frame.latest.end());
  return frame;
}

void Player::add_tasks(Frame& frame) const {
  frame.made = made_;
  // Of another runtime's threads that were there before, those that never ran are not known.
  const auto before = std::count_if(timeline_.tasks.begin(), timeline_.tasks.end(),
                                    [](const auto& task) { return !task.born_ns; });
  if (before == 1 && !timeline_.runs.empty()) frame.alive = alive_;
  for (std::size_t row = 0; row < played_.ledger.size(); ++row) {
    Frame::Action action{played_.ledger[row].title, {}, played_.ledger[row].kernel_tasks};
    if (ledger_is_told_[row]) action.so_far = made_by_row_[row];
    frame.actions.push_back(std::move(action));
  }
  std::stable_sort(frame.actions.begin(), frame.actions.end(),
                   [](const auto& a, const auto& b) { return (a.in_all > 0u) > (b.in_all > 0u); });
}

void Player::add_units(Frame& frame) const {
  frame.units = timeline_.units.size();
  const auto state = [&](const char* name, State which, Tone tone) {
    frame.states.push_back({name, count_[which], tone});
  };
  if (has_mounts_ || units_are_tasks_) {
    state("runnable", runnable, Tone::heading);
    state(has_mounts_ ? "mounted" : "running", running, Tone::good);
    if (waits_are_held_) state("mounted, but waiting", held, Tone::bad);
    state("waiting", waiting, Tone::warning);
  } else {
    state("asked for, not done", under_way, Tone::warning);
  }
  state("finished", finished, Tone::dim);
  if (!timeline_.runs.empty())
    frame.counts.push_back({runs_ == 1 ? "time a CPU given" : "times a CPU given", runs_, {}});
  if (has_mounts_) frame.counts.push_back({mounts_ == 1 ? "mount" : "mounts", mounts_, {}});
  if (has_mounts_) frame.counts.push_back({parks_ == 1 ? "park" : "parks", parks_, {}});
  if (failures_ != 0)
    frame.counts.push_back(
        {failures_ == 1 ? "request refused" : "requests refused", failures_, {}});
}

void Player::add_places(Frame& frame) const {
  for (std::size_t i = 0; i < std::min(kMostCpus, cpus_.size()); ++i) {
    const std::uint32_t task = on_cpu_[i];
    Frame::Place place{"CPU " + std::to_string(cpus_[i]), {}, {}};
    if (task != kNobody) place.holder = task_name(timeline_, task);
    frame.places.push_back(std::move(place));
  }
  for (std::size_t i = 0; i < std::min(kMostCarriers, carriers_.size()); ++i) {
    const std::uint32_t task = carriers_[i], unit = on_task_[task];
    Frame::Place place{task_name(timeline_, task), {}, {}};
    if (unit != kNobody) place.holder = unit_name(timeline_, unit);
    const bool no_cpu = cpu_of_[task] == kNobody;
    place.note = !no_cpu                            ? "on CPU " + std::to_string(cpu_of_[task])
                 : asleep_[task] && unit == kNobody ? "has no unit"
                                                    : "on no CPU";
    frame.places.push_back(std::move(place));
  }
  frame.more_places = cpus_.size() - std::min(kMostCpus, cpus_.size()) + carriers_.size() -
                      std::min(kMostCarriers, carriers_.size());
}

}  // namespace vtlab::render
