#include "render/timeline_view.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <unordered_map>
#include <utility>

#include "render/format.h"
#include "render/words.h"

namespace vtlab::render {
namespace {

using result::Timeline;
using Kind = Timeline::Kind;

std::string after(const std::string& text, const std::string& reason) {
  return reason.empty() ? text : text + ": " + reason;
}

// "io_read" of a runtime's own words is "io read".
std::string reason_of(const Timeline& timeline, const Timeline::Event& event) {
  if (event.reason == Timeline::kNobody) return {};
  std::string word = timeline.words[event.reason];
  std::replace(word.begin(), word.end(), '_', ' ');
  return word;
}

std::string by_whom(const Timeline& timeline, const Timeline::Event& event) {
  const auto place = static_cast<std::uint32_t>(event.number);
  const bool known = event.number != Timeline::kNotKnown;
  switch (event.by) {
    case Timeline::Actor::unit:
      return known ? "by " + unit_name(timeline, place) : "by a unit";
    case Timeline::Actor::task:
      return known ? "by " + task_name(timeline, place) : "from outside";
    case Timeline::Actor::descriptor:
      return known ? "descriptor " + std::to_string(event.number) + " is ready"
                   : "a descriptor is ready";
    case Timeline::Actor::deadline:
      return "its time is over";
    case Timeline::Actor::earlier_signal:
      return "it was woken meanwhile";
    case Timeline::Actor::nobody:
      break;
  }
  return {};
}

// Who did it is not told twice.
std::string by_another(const Timeline& timeline, const Timeline::Event& event) {
  const bool same = event.by == Timeline::Actor::task && event.number == event.task;
  const std::string by = same ? "" : by_whom(timeline, event);
  return by.empty() ? "" : " " + by;
}

std::string sentence(const Timeline& timeline, const Timeline::Event& event) {
  const std::string unit =
      event.unit == Timeline::kNobody ? "a unit" : unit_name(timeline, event.unit);
  const std::string why = reason_of(timeline, event), by = by_whom(timeline, event);
  const std::string peer = task_name(timeline, event.peer);
  switch (event.kind) {
    case Kind::start:
      return unit + " is started" + by_another(timeline, event);
    case Kind::park:
      return after(unit + " parks", why);
    case Kind::unpark:
      return after(unit + " can go on", by);
    case Kind::signal:
      return unit + " is woken before it waits" + by_another(timeline, event);
    case Kind::pin:
      return after(unit + " waits and holds the thread", why);
    case Kind::unpin:
      return unit + " goes on where it waited";
    case Kind::block:
      return unit + " enters a call that holds the thread";
    case Kind::unblock:
      return unit + " is back from that call";
    case Kind::done:
      return unit + " is done";
    case Kind::steal:
      return "takes " +
             (event.number == Timeline::kNotKnown ? "units" : plural(event.number, "unit")) +
             (event.peer == Timeline::kNobody ? " of another queue" : " from " + peer);
    case Kind::compensate:
      return after("will be held: " + peer + " stands in for it", why);
    case Kind::hand_off:
      return "P" + (event.number == Timeline::kNotKnown ? "" : " " + std::to_string(event.number)) +
             (event.peer == Timeline::kNobody ? " is taken away" : " goes to " + peer) +
             (why.empty() ? "" : ": " + why);
    case Kind::carrier_start:
      return "begins to run units";
    case Kind::carrier_stop:
      return "runs no more units";
    case Kind::sleep:
      return after("has no unit to run and sleeps", why);
    case Kind::wake:
      return "looks for units again";
  }
  return {};
}

// What happens to units between two mounts of a task, as seen by the kernel; a local of happenings().
class Collector {
 public:
  Collector(const Timeline& timeline, const Part& part) : t_(timeline), part_(part) {}

  void collect() {
    for (const Timeline::Event& event : t_.events)
      if (is_about(event))
        add(event.at_ns, event.task, order(event.kind), [&] { return sentence(t_, event); });
    add_mounts();
    for (const Timeline::Run& run : t_.runs) {
      if (!concerns(run)) continue;
      // Since before the timeline: nobody gave it the CPU.
      if (run.from_ns != 0) add(run.from_ns, run.task, 1, [&] { return beginning_of(t_, run); });
      if (run.end != Timeline::RunEnd::open)
        add(run.to_ns, run.task, 0, [&] { return end_of(run); });
    }
    std::stable_sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
      return std::pair(a.at_ns, a.order) < std::pair(b.at_ns, b.order);
    });
  }

  std::vector<Happening> first(std::size_t most) const {
    std::vector<Happening> out;
    for (std::size_t i = 0; i < std::min(most, found_.size()); ++i) {
      std::string text = found_[i].text();
      const std::string who =
          task_name(t_, found_[i].task) + " ";  // stands before the text already
      if (text.starts_with(who)) text.erase(0, who.size());
      out.push_back({found_[i].at_ns, found_[i].task, std::move(text)});
    }
    return out;
  }
  std::size_t count() const { return found_.size(); }

 private:
  // Texts are made only of what is shown.
  struct Found {
    std::uint64_t at_ns;
    std::uint32_t task;
    int order;  // of what has the same time
    std::function<std::string()> text;
  };

  template <class Text>
  void add(std::uint64_t at_ns, std::uint32_t task, int order, Text text) {
    if (at_ns >= part_.from_ns && at_ns < part_.to_ns) found_.push_back({at_ns, task, order, text});
  }

  // A unit leaves before the next one comes.
  static int order(Kind kind) { return kind == Kind::park || kind == Kind::done ? 2 : 4; }

  bool is_about(const Timeline::Event& event) const {
    return !part_.unit || event.unit == *part_.unit ||
           (event.by == Timeline::Actor::unit && event.number == *part_.unit);
  }

  // Of one unit: the runs of the task that it is, or those that have to do with its mounts.
  bool concerns(const Timeline::Run& run) const {
    if (!part_.unit || t_.tasks[run.task].unit == *part_.unit) return true;
    const auto mounts = mounts_of_unit_.find(run.task);
    if (mounts == mounts_of_unit_.end()) return false;
    return std::any_of(mounts->second.begin(), mounts->second.end(), [&](const auto* mount) {
      return (run.from_ns > mount->from_ns && run.from_ns < mount->to_ns) ||
             (run.to_ns > mount->from_ns && run.to_ns < mount->to_ns);
    });
  }

  void add_mounts() {
    std::unordered_map<std::uint32_t, const Timeline::Mount*> before;  // on each task
    for (const Timeline::Mount& mount : t_.mounts) {
      const Timeline::Mount* last = std::exchange(before[mount.task], &mount);
      if (part_.unit && mount.unit != *part_.unit) continue;
      if (part_.unit) mounts_of_unit_[mount.task].push_back(&mount);
      add(mount.from_ns, mount.task, 3, [this, &mount, last] {
        return unit_name(t_, mount.unit) + " runs here" + switched_between(last, mount);
      });
      if (mount.end == Timeline::MountEnd::yielded)
        add(mount.to_ns, mount.task, 2,
            [this, &mount] { return unit_name(t_, mount.unit) + " yields"; });
    }
  }

  // The two clocks agree within kClose (docs/timeline.md).
  std::string switched_between(const Timeline::Mount* last, const Timeline::Mount& now) const {
    constexpr std::uint64_t kClose = 5'000;
    if (!last) return {};
    for (const Timeline::Run& run : t_.runs) {
      if (run.task != now.task) continue;
      if (run.from_ns <= last->to_ns + kClose && run.to_ns + kClose >= now.from_ns)
        return "; the kernel did not switch";
      if (run.from_ns > now.from_ns) break;
    }
    return {};
  }

  const Timeline& t_;
  const Part& part_;
  std::vector<Found> found_;
  std::unordered_map<std::uint32_t, std::vector<const Timeline::Mount*>> mounts_of_unit_;
};

}  // namespace

std::optional<Part> part_of(const Timeline& timeline, const Zoom& zoom, std::string& why) {
  Part part{0, timeline.length_ns, {}};
  if (zoom.unit) {
    for (std::uint32_t unit = 0; unit < timeline.units.size() && !part.unit; ++unit)
      if (timeline.units[unit].number == zoom.unit) part.unit = unit;
    if (!part.unit) {
      why = "there is no unit " + std::to_string(*zoom.unit) + " in this timeline";
      return {};
    }
    std::uint64_t first = timeline.length_ns, last = 0;
    for (const Timeline::Event& event : timeline.events) {
      if (event.unit != *part.unit) continue;
      first = std::min(first, event.at_ns);
      last = std::max(last, event.at_ns);
    }
    if (first <= last) part = {first, last + 1, part.unit};
  }
  if (zoom.from_ns) part.from_ns = *zoom.from_ns;
  if (zoom.from_ns) part.to_ns = timeline.length_ns;
  if (zoom.length_ns) part.to_ns = std::min(timeline.length_ns, part.from_ns + *zoom.length_ns);
  if (part.from_ns >= part.to_ns) {
    why = "the timeline ends at " + duration(timeline.length_ns);
    return {};
  }
  return part;
}

std::string since_start(std::uint64_t ns) {
  char text[32];
  std::snprintf(text, sizeof(text), "+%.3f ms", static_cast<double>(ns) / 1e6);
  return text;
}

std::string unit_name(const Timeline& timeline, std::uint32_t unit) {
  const Timeline::Unit& u = timeline.units[unit];
  if (u.number) return "unit " + std::to_string(*u.number);
  return u.name == Timeline::kNobody ? "unit with id " + std::to_string(u.id)
                                     : one_line(timeline.unit_names[u.name]);
}

std::string task_name(const Timeline& timeline, std::uint32_t task) {
  if (task == Timeline::kNobody) return "elsewhere";
  const Timeline::Task& t = timeline.tasks[task];
  if (t.unit != Timeline::kNobody) return unit_name(timeline, t.unit);
  // "pool thread" may be many, "carrier 0" is one.
  const bool one = !t.role.empty() && (t.role.back() >= '0' && t.role.back() <= '9');
  if (one || t.role == "sysmon") return one_line(t.role);
  if (!t.role.empty() && t.role != "main") return one_line(t.role) + " " + std::to_string(t.tid);
  if (!t.role.empty() && t.tgid == timeline.tasks.front().tgid) return "main";
  return (t.name.empty() ? "tid" : one_line(t.name)) + " " + std::to_string(t.tid);
}

std::string happening_of(const Timeline& timeline, const Timeline::Event& event) {
  return sentence(timeline, event);
}

std::string beginning_of(const Timeline& timeline, const Timeline::Run& run) {
  std::string out = "gets CPU " + std::to_string(run.cpu);
  if (run.woken == Timeline::WokenBy::task && run.waker != Timeline::kNobody)
    out += ", woken by " + task_name(timeline, run.waker);
  if (run.woken == Timeline::WokenBy::interrupt) out += ", woken by an interrupt";
  if (run.woken == Timeline::WokenBy::outside) out += ", woken from outside";
  return out;
}

std::string end_of(const Timeline::Run& run) {
  const std::string cpu = "leaves CPU " + std::to_string(run.cpu);
  switch (run.end) {
    case Timeline::RunEnd::blocked:
      return cpu + ": it waits in the kernel";
    case Timeline::RunEnd::yielded:
      return cpu + ": it gives way";
    case Timeline::RunEnd::preempted:
      return cpu + ": it was preempted";
    case Timeline::RunEnd::ended:
      return cpu + " for ever: it ends";
    case Timeline::RunEnd::open:
      break;
  }
  return {};
}

std::vector<Happening> happenings(const Timeline& timeline, const Part& part, std::size_t most,
                                  std::uint64_t& more) {
  Collector collector(timeline, part);
  collector.collect();
  more = collector.count() - std::min(most, collector.count());
  return collector.first(most);
}

Strip::Strip(const Part& part, std::size_t columns) : part_(part), cells_(columns) {}

std::uint64_t Strip::begin(std::size_t column) const {
  const double length = static_cast<double>(part_.to_ns - part_.from_ns);
  return part_.from_ns + static_cast<std::uint64_t>(length * static_cast<double>(column) /
                                                    static_cast<double>(cells_.size()));
}

void Strip::add(std::uint64_t from_ns, std::uint64_t to_ns, std::uint32_t who) {
  from_ns = std::max(from_ns, part_.from_ns);
  to_ns = std::min(to_ns, part_.to_ns);
  if (from_ns >= to_ns) return;
  const double scale =
      static_cast<double>(cells_.size()) / static_cast<double>(part_.to_ns - part_.from_ns);
  auto column = static_cast<std::size_t>(static_cast<double>(from_ns - part_.from_ns) * scale);
  if (column > 0) --column;  // rounding
  for (; column < cells_.size() && begin(column) < to_ns; ++column) {
    const std::uint64_t from = std::max(from_ns, begin(column)),
                        to = std::min(to_ns, begin(column + 1));
    if (from >= to) continue;
    Cell& cell = cells_[column];
    cell.sum += to - from;
    const auto known = std::find_if(cell.taken.begin(), cell.taken.end(),
                                    [&](const Taken& t) { return t.who == who; });
    if (known != cell.taken.end())
      known->ns += to - from;
    else
      cell.taken.push_back({who, to - from});
  }
}

double Strip::share(std::size_t column) const {
  const std::uint64_t length = begin(column + 1) - begin(column);
  return length == 0 ? 0 : static_cast<double>(cells_[column].sum) / static_cast<double>(length);
}

std::optional<std::uint32_t> Strip::most(std::size_t column) const {
  const auto& taken = cells_[column].taken;
  if (taken.empty()) return {};
  return std::max_element(taken.begin(), taken.end(),
                          [](const Taken& a, const Taken& b) { return a.ns < b.ns; })
      ->who;
}

}  // namespace vtlab::render
