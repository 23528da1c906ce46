// timeline_picture.cpp — a timeline as lanes for timeline.js: CPUs with the tasks that had them, tasks with the units that
// were on them, and what happened there. Times are differences, because most of the page is numbers.
#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "render/format.h"
#include "render/html/pictures.h"
#include "render/html/text.h"
#include "render/timeline_view.h"
#include "render/words.h"

namespace vtlab::render::html {
namespace {

using result::Timeline;

constexpr std::size_t kMostTaskLanes = 48;
constexpr std::array<std::string_view, 5> kRunEnds = {"then it waited", "then it gave way",
                                                      "then it was preempted", "then it ended",
                                                      "and still ran at the end"};
constexpr std::array<std::string_view, 5> kMountEnds = {
    "then it parked", "then it yielded", "then it was done", "then it had to wait for a CPU",
    "and was still mounted at the end"};
constexpr std::array<std::string_view, 16> kKinds = {
    "started",        "parks",         "unparked",        "signalled",
    "pinned",         "unpinned",      "blocks its task", "no longer blocks",
    "done",           "steals",        "stands in",       "hands off",
    "carrier starts", "carrier stops", "sleeps",          "wakes up"};

template <std::size_t N>
std::string words_json(const std::array<std::string_view, N>& list) {
  std::string out;
  for (const std::string_view word : list) out += (out.empty() ? "" : ",") + json_text(word);
  return "[" + out + "]";
}

template <class Items, class F>
std::string names_json(const Items& items, F name) {
  std::string out;
  for (std::uint32_t i = 0; i < items.size(); ++i) out += (i ? "," : "") + json_text(name(i));
  return "[" + out + "]";
}

// One column of numbers.
class Column {
 public:
  void add(std::uint64_t value) { text_ += (text_.empty() ? "" : ",") + std::to_string(value); }
  /// A place; -1 stands for nobody.
  void add_place(std::uint32_t place) {
    text_ +=
        (text_.empty() ? "" : ",") + (place == Timeline::kNobody ? "-1" : std::to_string(place));
  }
  void add_number(std::uint64_t number) {
    text_ += (text_.empty() ? "" : ",") +
             (number == Timeline::kNotKnown ? "-1" : std::to_string(number));
  }
  std::string json(const char* name) const { return json_text(name) + ":[" + text_ + "]"; }

 private:
  std::string text_;
};

// What had a lane, one after the other; `gap` is the time since the one before began.
struct Spans {
  Column gap, length, who, end;
  std::uint64_t before = 0;

  void add(std::uint64_t from, std::uint64_t to, std::uint32_t whom, std::uint8_t how) {
    gap.add(from - std::min(before, from));
    length.add(to - std::min(from, to));
    who.add_place(whom);
    end.add(how);
    before = std::max(before, from);
  }
  std::string json() const {
    return "{" + gap.json("gap") + "," + length.json("length") + "," + who.json("who") + "," +
           end.json("end") + "}";
  }
};

struct Happened {
  Column gap, kind, unit, reason, by, number;
  std::uint64_t before = 0;

  std::string json() const {
    return "{" + gap.json("gap") + "," + kind.json("kind") + "," + unit.json("unit") + "," +
           reason.json("reason") + "," + by.json("by") + "," + number.json("number") + "}";
  }
};

struct Lane {
  Spans mounts, runs;
  Happened events;
};

// Those that carry units first, then those with most time on a CPU; drawn in order of birth.
std::vector<std::uint32_t> chosen_tasks(const Timeline& timeline, std::size_t& left_out) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> taken(timeline.tasks.size());
  for (const auto& mount : timeline.mounts)
    if (mount.task < taken.size()) ++taken[mount.task].first;
  for (const auto& run : timeline.runs)
    if (run.task < taken.size()) taken[run.task].second += run.to_ns - run.from_ns;
  std::vector<std::uint32_t> tasks;
  for (std::uint32_t i = 0; i < taken.size(); ++i)
    if (taken[i].first || taken[i].second) tasks.push_back(i);
  std::stable_sort(tasks.begin(), tasks.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return taken[a] > taken[b]; });
  left_out = tasks.size() - std::min(tasks.size(), kMostTaskLanes);
  tasks.resize(tasks.size() - left_out);
  std::sort(tasks.begin(), tasks.end());  // a timeline has them in order of birth
  std::stable_partition(tasks.begin(), tasks.end(),
                        [&](std::uint32_t task) { return taken[task].first != 0; });
  return tasks;
}

std::string lane_json(const std::string& name, const char* kind, const Lane& lane) {
  return "{\"name\":" + json_text(name) + ",\"kind\":\"" + kind +
         "\",\"mounts\":" + lane.mounts.json() + ",\"runs\":" + lane.runs.json() +
         ",\"events\":" + lane.events.json() + "}";
}

std::string lanes_json(const Timeline& timeline, const std::vector<std::uint32_t>& tasks) {
  std::map<std::uint16_t, Lane> cpus;
  std::vector<Lane> lanes(tasks.size());
  std::vector<std::size_t> place(timeline.tasks.size(), tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) place[tasks[i]] = i;
  const auto lane_of = [&](std::uint32_t task) {
    return task < place.size() && place[task] < lanes.size() ? &lanes[place[task]] : nullptr;
  };
  for (const auto& run : timeline.runs) {
    const auto end = static_cast<std::uint8_t>(run.end);
    cpus[run.cpu].runs.add(run.from_ns, run.to_ns, run.task, end);
    if (Lane* lane = lane_of(run.task)) lane->runs.add(run.from_ns, run.to_ns, run.task, end);
  }
  for (const auto& mount : timeline.mounts)
    if (Lane* lane = lane_of(mount.task))
      lane->mounts.add(mount.from_ns, mount.to_ns, mount.unit,
                       static_cast<std::uint8_t>(mount.end));
  for (const auto& event : timeline.events) {
    Lane* lane = lane_of(event.task);
    if (!lane) continue;
    Happened& events = lane->events;
    events.gap.add(event.at_ns - std::min(events.before, event.at_ns));
    events.kind.add(static_cast<std::uint64_t>(event.kind));
    events.unit.add_place(event.unit);
    events.reason.add_place(event.reason);
    events.by.add(static_cast<std::uint64_t>(event.by));
    events.number.add_number(event.number);
    events.before = std::max(events.before, event.at_ns);
  }
  std::string out;
  for (const auto& [cpu, lane] : cpus)
    out += (out.empty() ? "" : ",") + lane_json("CPU " + std::to_string(cpu), "cpu", lane);
  for (std::size_t i = 0; i < lanes.size(); ++i)
    out += (out.empty() ? "" : ",") + lane_json(task_name(timeline, tasks[i]), "task", lanes[i]);
  return "[" + out + "]";
}

std::string figure_of(const std::string& subject, const Timeline& timeline) {
  std::size_t left_out = 0;
  const std::vector<std::uint32_t> tasks = chosen_tasks(timeline, left_out);
  const std::string data =
      "{\"length\":" + std::to_string(timeline.length_ns) + ",\"tasks\":" +
      names_json(timeline.tasks, [&](std::uint32_t i) { return task_name(timeline, i); }) +
      ",\"units\":" +
      names_json(timeline.units, [&](std::uint32_t i) { return unit_name(timeline, i); }) +
      ",\"reasons\":" +
      names_json(timeline.words, [&](std::uint32_t i) { return one_line(timeline.words[i]); }) +
      ",\"run_ends\":" + words_json(kRunEnds) + ",\"mount_ends\":" + words_json(kMountEnds) +
      ",\"kinds\":" + words_json(kKinds) + ",\"lanes\":" + lanes_json(timeline, tasks) + "}";
  std::string title =
      "CPUs, tasks and units over " + duration(std::optional<std::uint64_t>(timeline.length_ns));
  if (!subject.empty()) title = subject + ": " + title;
  std::string inner = words("figcaption", title) + "\n";
  inner += words("p",
                 "Wheel or + and −: zoom. Drag or arrow keys: move. Home: all. Point at something: "
                 "what it is. Click a unit: follow it from task to task, with arrows from whoever "
                 "woke it; Esc: no longer.",
                 "class=\"note by-hand\"");
  inner += element("div",
                   "<canvas tabindex=\"0\" role=\"application\" " +
                       attribute("aria-label", title + "; the tables below say it in words") +
                       "></canvas><div class=\"tip\" hidden></div>",
                   "class=\"lanes\"");
  inner += "<output class=\"story\"></output>";
  if (left_out)
    inner += words("p", "and " + plural(left_out, "task") + " more, on the lanes of the CPUs only",
                   "class=\"note\"");
  for (const Timeline::Loss& loss : timeline.lost)
    if (loss.count)
      inner += words("p", "⚠ lost: " + format_count(loss.count) + " " + one_line(loss.what),
                     "class=\"alert\"");
  inner += element("script", data, "type=\"application/json\"");
  return element("figure", inner, "class=\"timeline\"") + "\n";
}

}  // namespace

std::string timeline_pictures(const std::vector<Subject>& subjects) {
  std::string out;
  for (const Subject& subject : subjects)
    if (const auto& timeline = subject.details->timeline.value; timeline && timeline->length_ns)
      out += figure_of(subject.name, *timeline);
  return out;
}

}  // namespace vtlab::render::html
