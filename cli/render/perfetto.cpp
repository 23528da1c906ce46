// perfetto.cpp — a timeline as a trace for the Perfetto viewer (ui.perfetto.dev), which opens the file by itself.
//
// CPUs as their switches; a track per task, with what is mounted there; a track per unit, with where it is or what it
// waits for; arrows from what made a unit runnable to its mount; how many are alive and runnable.
//
// Rule      One pass in order of time. What is kept is of the size of tasks, or lies in Rows.
#include <algorithm>
#include <map>
#include <queue>
#include <vector>

#include "render/format.h"
#include "render/renderer.h"
#include "render/timeline_view.h"
#include "render/trace_writer.h"

namespace vtlab::render {
namespace {

using result::Timeline;
using Kind = Timeline::Kind;

constexpr std::size_t kMostUnitTracks = 5000;  // more make no picture
constexpr std::uint64_t kStepsBetweenRests = 1 << 16;

// One timeline; a local of stream_results() and stream_observed().
class Trace {
 public:
  Trace(TraceWriter& out, const Timeline& timeline, std::uint64_t number)
      : out_(out), t_(timeline), base_(number << 40) {
    for (std::size_t i = 0; i < timeline.units.size(); ++i) units_.push_back({});
  }

  void write(const std::string& title) {
    describe(title);
    switches();
    alive();
    story();
  }

 private:
  enum class State : std::uint8_t { away, runnable, mounted, parked };
  struct Unit {
    State state = State::away;
    std::uint64_t flow = 0;
  };

  std::uint64_t process_track() const { return base_ + 1; }
  std::uint64_t group_track() const { return base_ + 2; }
  std::uint64_t runnable_track() const { return base_ + 3; }
  std::uint64_t alive_track() const { return base_ + 4; }
  std::uint64_t task_track(std::uint32_t task) const {
    return task == Timeline::kNobody ? group_track() : base_ + (std::uint64_t{1} << 33) + task;
  }
  std::uint64_t unit_track(std::uint32_t unit) const {
    return base_ + (std::uint64_t{2} << 33) + unit;
  }
  std::uint64_t at(std::uint64_t ns) const { return t_.start_ns + ns; }
  bool has_units() const { return !t_.mounts.empty(); }
  bool has_track(std::uint32_t unit) const { return has_units() && unit < kMostUnitTracks; }
  std::uint32_t pid_of(const Timeline::Task& task) const {
    return task.tgid != 0 ? task.tgid : task.tid;
  }

  void describe(const std::string& title) {
    std::uint32_t first = 0;
    for (const Timeline::Task& task : t_.tasks)
      if (task.role.starts_with("main")) first = task.tgid;
    if (first == 0 && !t_.tasks.empty()) first = pid_of(t_.tasks.front());
    out_.process(process_track(), first, title);
    for (std::uint32_t i = 0; i < t_.tasks.size(); ++i) {
      names_.push_back(task_name(t_, i));
      out_.thread(task_track(i), pid_of(t_.tasks[i]), t_.tasks[i].tid, names_.back());
    }
    out_.counter(alive_track(), process_track(), "tasks alive");
    const bool cut = t_.units.size() > kMostUnitTracks;
    out_.track(group_track(), process_track(),
               cut ? "units (" + format_count(kMostUnitTracks) + " of " +
                         format_count(t_.units.size()) + ")"
                   : "units");
    if (!has_units()) return;
    out_.counter(runnable_track(), process_track(), "units runnable");
    for (std::uint32_t i = 0; i < t_.units.size() && has_track(i); ++i)
      out_.track(unit_track(i), group_track(), unit_name(t_, i));
  }

  static std::int64_t state_after(Timeline::RunEnd end) {
    return end == Timeline::RunEnd::blocked ? 1 : end == Timeline::RunEnd::ended ? 16 : 0;
  }

  void change(std::uint64_t at_ns, const Timeline::Run* prev, const Timeline::Run* next,
              std::uint16_t cpu) {
    CpuSwitch s{.at_ns = at(at_ns), .cpu = cpu};
    if (prev) {
      s.prev = t_.tasks[prev->task].tid;
      s.prev_name = names_[prev->task];
      s.prev_state = state_after(prev->end);
    }
    if (next) {
      s.next = t_.tasks[next->task].tid;
      s.next_name = names_[next->task];
    }
    out_.cpu_switch(s);
  }

  void switches() {
    std::map<std::uint16_t, const Timeline::Run*> last;
    for (const Timeline::Run& run : t_.runs) {
      const Timeline::Run*& before = last[run.cpu];
      const bool directly = before && before->to_ns >= run.from_ns;
      if (before && !directly) change(before->to_ns, before, nullptr, run.cpu);
      change(run.from_ns, directly ? before : nullptr, &run, run.cpu);
      before = &run;
    }
    for (const auto& [cpu, run] : last) change(run->to_ns, run, nullptr, cpu);
  }

  void alive() {
    std::vector<std::pair<std::uint64_t, int>> steps;
    for (const Timeline::Task& task : t_.tasks) {
      steps.emplace_back(task.born_ns.value_or(0), +1);
      if (task.ended_ns) steps.emplace_back(*task.ended_ns, -1);
    }
    std::sort(steps.begin(), steps.end());
    std::int64_t now = 0;
    for (const auto& [ns, step] : steps) out_.value(at(ns), alive_track(), now += step);
  }

  // Mounts begin and end and events happen, in order of time; of one moment, a unit leaves before it parks, and is
  // runnable before it is mounted.
  void story() {
    using Ending = std::pair<std::uint64_t, const Timeline::Mount*>;
    std::priority_queue<Ending, std::vector<Ending>, std::greater<>> endings;  // one per task
    auto event = t_.events.begin();
    auto mount = t_.mounts.begin();
    for (std::uint64_t step = 1;
         event != t_.events.end() || mount != t_.mounts.end() || !endings.empty(); ++step) {
      constexpr std::uint64_t kNever = UINT64_MAX;
      const std::uint64_t begins = mount != t_.mounts.end() ? mount->from_ns : kNever;
      const std::uint64_t ends = endings.empty() ? kNever : endings.top().first;
      const std::uint64_t happens = event != t_.events.end() ? event->at_ns : kNever;
      if (ends <= happens && ends <= begins) {
        const Timeline::Mount& left = *endings.top().second;
        endings.pop();
        leaves(left);
      } else if (happens <= begins) {
        tell(*event++);
      } else {
        const Timeline::Mount& comes = *mount++;
        arrives(comes);
        endings.emplace(comes.to_ns, &comes);
      }
      if (step % kStepsBetweenRests != 0) continue;
      t_.units.let_go();
      units_.let_go();
    }
    for (std::uint32_t unit = 0; unit < units_.size(); ++unit)
      become(unit, State::away, t_.length_ns, {});
  }

  // Its track shows the new state from now on.
  void become(std::uint32_t unit, State state, std::uint64_t ns, const std::string& name) {
    Unit& u = units_[unit];
    const bool was = u.state == State::runnable, is = state == State::runnable;
    if (has_track(unit) && u.state != State::away) out_.end(at(ns), unit_track(unit));
    if (has_track(unit) && state != State::away)
      out_.begin({.at_ns = at(ns), .track = unit_track(unit), .name = name});
    u.state = state;
    if (was != is && has_units()) out_.value(at(ns), runnable_track(), runnable_ += is ? 1 : -1);
  }

  void arrives(const Timeline::Mount& mount) {
    become(mount.unit, State::mounted, mount.from_ns, "on " + names_[mount.task]);
    out_.begin({.at_ns = at(mount.from_ns),
                .track = task_track(mount.task),
                .name = unit_name(t_, mount.unit),
                .flow_ends = std::exchange(units_[mount.unit].flow, 0)});
  }

  void leaves(const Timeline::Mount& mount) {
    out_.end(at(mount.to_ns), task_track(mount.task));
    const bool goes_on =
        mount.end == Timeline::MountEnd::yielded || mount.end == Timeline::MountEnd::blocking;
    become(mount.unit, goes_on ? State::runnable : State::away, mount.to_ns,
           goes_on ? "runnable" : "");
  }

  void tell(const Timeline::Event& event) {
    TrackEvent moment{.at_ns = at(event.at_ns), .track = task_track(event.task)};
    const std::string text = happening_of(t_, event);
    moment.name = text;
    if (event.unit != Timeline::kNobody && has_units()) {
      if (event.kind == Kind::park) become(event.unit, State::parked, event.at_ns, text);
      if (event.kind == Kind::start || event.kind == Kind::unpark) {
        become(event.unit, State::runnable, event.at_ns, "runnable");
        moment.flow = units_[event.unit].flow = base_ + ++flows_;
      }
    }
    out_.moment(moment);
  }

  TraceWriter& out_;
  const Timeline& t_;
  const std::uint64_t base_;
  std::vector<std::string> names_;  // of tasks
  result::Rows<Unit> units_;
  std::int64_t runnable_ = 0;
  std::uint64_t flows_ = 0;
};

void stream_results(const result::ResultSet& set, const Options&, const Sink& sink) {
  TraceWriter out(sink);
  std::uint64_t number = 0;
  for (const result::Result& r : set.results) {
    const auto& timeline = r.details.timeline.value;
    if (timeline) Trace(out, *timeline, ++number).write(one_line(r.scenario + " " + r.mode));
  }
}

void stream_observed(const result::Observed& observed, const Options&, const Sink& sink) {
  TraceWriter out(sink);
  const auto& timeline = observed.details.timeline.value;
  if (timeline) Trace(out, *timeline, 1).write("observed");
}

}  // namespace

extern const Renderer renderer_perfetto{
    .name = "perfetto",
    .title = "a timeline for the Perfetto viewer; binary",
    .ending = ".pftrace",
    .render = all_at_once<result::ResultSet, stream_results>,
    .render_observed = all_at_once<result::Observed, stream_observed>,
    .stream = stream_results,
    .stream_observed = stream_observed,
    .needs = "timeline",
    .binary = true};

}  // namespace vtlab::render
