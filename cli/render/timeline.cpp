// timeline.cpp — --show timeline: who was where, and when: CPUs, tasks and units as bars, and what happened in words.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "render/detail.h"
#include "render/format.h"
#include "render/html/pictures.h"
#include "render/markdown_text.h"
#include "render/timeline_view.h"
#include "render/words.h"

namespace vtlab::render {
namespace {

using result::Timeline;

constexpr std::size_t kLabel = 22;
constexpr std::size_t kMostTasks = 8, kMostCpus = 16, kMostHappenings = 20;
constexpr std::size_t kLetters = 26;

// A column of its height; only nothing is empty.
const char* height(double share) {
  constexpr const char* kColumns[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  return kColumns[std::clamp(static_cast<int>(std::ceil(8 * share)), 0, 8)];
}

std::string letter(std::size_t place, char first) {
  return std::string(1, static_cast<char>(first + static_cast<char>(place)));
}

bool within(const auto& span, const Part& part) {
  return span.from_ns < part.to_ns && span.to_ns > part.from_ns;
}

// One part of one timeline, drawn; a local of lines().
class Picture {
 public:
  Picture(LinePrinter& out, const Timeline& timeline, const Part& part)
      : out_(out), t_(timeline), part_(part), columns_(out.width() - kLabel) {
    choose_tasks();
    name_units();
  }

  void draw() {
    scale();
    cpus();
    for (std::size_t i = 0; i < tasks_.size(); ++i) task(i);
    if (more_tasks_ != 0) out_.add("  and " + plural(more_tasks_, "task") + " more");
    if (part_.unit && !letters_.empty()) followed();
    legend();
    list();
  }

 private:
  // Those that carry units first, then those with most time on a CPU; shown in order of birth.
  void choose_tasks() {
    std::unordered_map<std::uint32_t, std::pair<std::uint64_t, std::uint64_t>>
        taken;  // mounts, time
    for (const auto& mount : t_.mounts)
      if (within(mount, part_) && concerns(mount.unit)) ++taken[mount.task].first;
    for (const auto& run : t_.runs)
      if (within(run, part_) &&
          (!part_.unit || t_.tasks[run.task].unit == *part_.unit || taken.contains(run.task)))
        taken[run.task].second +=
            std::min(run.to_ns, part_.to_ns) - std::max(run.from_ns, part_.from_ns);
    for (const auto& [task, of] : taken) tasks_.push_back(task);
    std::sort(tasks_.begin(), tasks_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::pair(taken[b], a) < std::pair(taken[a], b);
    });
    if (tasks_.size() > kMostTasks) {
      more_tasks_ = tasks_.size() - kMostTasks;
      tasks_.resize(kMostTasks);
    }
    std::sort(tasks_.begin(), tasks_.end(), [&](std::uint32_t a, std::uint32_t b) {
      const std::uint64_t born_a = t_.tasks[a].born_ns.value_or(0),
                          born_b = t_.tasks[b].born_ns.value_or(0);
      return std::pair(born_a, a) < std::pair(born_b, b);
    });
  }

  bool concerns(std::uint32_t unit) const { return !part_.unit || unit == *part_.unit; }

  // Few units get a letter each, in the order of their first appearance.
  void name_units() {
    for (const auto& mount : t_.mounts) {
      if (!within(mount, part_)) continue;
      if (letters_.contains(mount.unit)) continue;
      if (letters_.size() == kLetters) {
        too_many_units_ = true;
        break;
      }
      letters_.emplace(mount.unit, letters_.size());
    }
  }

  void row(const std::string& label, const std::string& cells, Tone tone = Tone::plain) {
    out_.add(pad_right(shorten(label, kLabel - 1), kLabel - 1) + "│" + cells, tone);
  }

  void scale() {
    const std::uint64_t length = part_.to_ns - part_.from_ns;
    const bool all = part_.from_ns == 0 && part_.to_ns == t_.length_ns;
    out_.add("  " +
                 (all ? "all " + duration(length)
                      : duration(length) + " from " + since_start(part_.from_ns) + " on, of " +
                            duration(t_.length_ns)) +
                 "; a column is " + duration(length / columns_),
             Tone::dim);
  }

  // Which task had it: its letter, small if it was less than half of the column.
  void cpus() {
    std::map<std::uint16_t, Strip> strips;
    for (const auto& run : t_.runs)
      strips.try_emplace(run.cpu, part_, columns_)
          .first->second.add(run.from_ns, run.to_ns, run.task);
    std::size_t shown = 0;
    for (const auto& [cpu, strip] : strips) {
      if (shown++ == kMostCpus) {
        out_.add("  and " + plural(strips.size() - kMostCpus, "CPU") + " more");
        break;
      }
      std::string cells;
      for (std::size_t i = 0; i < strip.columns(); ++i) cells += cpu_cell(strip, i);
      row("  CPU " + std::to_string(cpu), cells);
    }
  }

  std::string cpu_cell(const Strip& strip, std::size_t column) const {
    const auto who = strip.most(column);
    if (!who) return "·";
    const auto place = std::find(tasks_.begin(), tasks_.end(), *who);
    if (place == tasks_.end()) return "+";
    return letter(static_cast<std::size_t>(place - tasks_.begin()),
                  strip.share(column) < 0.5 ? 'a' : 'A');
  }

  void task(std::size_t place) {
    const std::uint32_t who = tasks_[place];
    const Timeline::Task& task = t_.tasks[who];
    Strip runs(part_, columns_), alive(part_, columns_), mounts(part_, columns_);
    alive.add(task.born_ns.value_or(0), task.ended_ns.value_or(t_.length_ns), who);
    for (const auto& run : t_.runs)
      if (run.task == who) runs.add(run.from_ns, run.to_ns, who);
    bool carries = false;
    for (const auto& mount : t_.mounts) {
      if (mount.task != who || !within(mount, part_)) continue;
      mounts.add(mount.from_ns, mount.to_ns, mount.unit);
      carries = true;
    }
    std::string cells;
    for (std::size_t i = 0; i < columns_; ++i)
      cells += runs.share(i) > 0 ? height(runs.share(i)) : alive.share(i) > 0 ? "·" : " ";
    row("  " + letter(place, 'A') + " " + task_name(t_, who), cells);
    if (!carries || part_.unit) return;
    cells.clear();
    for (std::size_t i = 0; i < columns_; ++i) {
      const auto unit = mounts.most(i);
      cells += too_many_units_ ? height(mounts.share(i))
               : unit          ? letter(letters_.at(*unit), 'a')
                               : " ";
    }
    row(too_many_units_ ? "      units there" : "      unit there", cells);
  }

  // Where the unit was: the letter of the task.
  void followed() {
    Strip alive(part_, columns_), there(part_, columns_);
    std::uint64_t first = t_.length_ns, last = 0;
    for (const auto& event : t_.events) {
      if (event.unit != *part_.unit) continue;
      first = std::min(first, event.at_ns);
      last = std::max(last, event.at_ns);
    }
    alive.add(first, last, *part_.unit);
    for (const auto& mount : t_.mounts)
      if (mount.unit == *part_.unit) there.add(mount.from_ns, mount.to_ns, mount.task);
    std::string cells;
    for (std::size_t i = 0; i < columns_; ++i) {
      const auto task = there.most(i);
      const auto place = task ? std::find(tasks_.begin(), tasks_.end(), *task) : tasks_.end();
      cells += place != tasks_.end() ? letter(static_cast<std::size_t>(place - tasks_.begin()), 'A')
               : alive.share(i) > 0  ? "·"
                                     : " ";
    }
    row("  " + unit_name(t_, *part_.unit) + " is on", cells, Tone::strong);
  }

  void legend() {
    out_.paragraph(
        "  ",
        "CPUs: the task by its letter, small below half of the column, + another one. Tasks: "
        "their share of the time on a CPU, · alive and on none.",
        Tone::dim);
    if (part_.unit) return;
    if (too_many_units_)
      return out_.paragraph(
          "  ",
          "units there: the share of the time with a unit mounted. These are more than " +
              std::to_string(kLetters) + " units; --zoom FROM,LENGTH shows fewer.",
          Tone::dim);
    if (letters_.empty()) return;
    std::vector<std::string> names(letters_.size());
    for (const auto& [unit, place] : letters_)
      names[place] = letter(place, 'a') + " " + unit_name(t_, unit);
    out_.paragraph("  ", "unit there: " + join(names, ", "), Tone::dim);
  }

  void list() {
    std::uint64_t more = 0;
    const auto found = happenings(t_, part_, kMostHappenings, more);
    std::size_t name = 0;
    for (const Happening& each : found)
      name = std::max(name, std::min<std::size_t>(16, display_width(task_name(t_, each.task))));
    for (const Happening& each : found) {
      const std::string lead = pad_left(since_start(each.at_ns), 14) + "  " +
                               pad_right(shorten(task_name(t_, each.task), name), name) + "  ";
      const auto parts = wrap(one_line(each.text), out_.width() - display_width(lead));
      for (std::size_t i = 0; i < parts.size(); ++i)
        out_.add((i == 0 ? lead : std::string(display_width(lead), ' ')) + parts[i]);
    }
    if (more != 0)
      out_.paragraph("  ",
                     "and " + format_count(more) + " more; --zoom " +
                         zoom_behind(found.back().at_ns) +
                         " goes on there, --unit N follows one unit",
                     Tone::dim);
  }

  static std::string zoom_behind(std::uint64_t ns) { return std::to_string(ns / 1000) + "us,1ms"; }

  LinePrinter& out_;
  const Timeline& t_;
  const Part part_;
  const std::size_t columns_;
  std::vector<std::uint32_t> tasks_;
  std::size_t more_tasks_ = 0;
  std::unordered_map<std::uint32_t, std::size_t> letters_;
  bool too_many_units_ = false;
};

Preface preface(const Subject& subject) {
  const auto& [value, missing_because] = subject.details->timeline;
  std::vector<std::string> lost;
  if (value)
    for (const Timeline::Loss& loss : value->lost)
      lost.push_back(format_count(loss.count) + " " + one_line(loss.what) + " are missing");
  return preface_of(subject, missing_because, join(lost, ", "), "there are gaps in what follows");
}

std::vector<Line> lines(const std::vector<Subject>& subjects, std::size_t width) {
  LinePrinter out(width);
  out.add("Timeline", Tone::heading);
  for (const Subject& subject : subjects) {
    const auto& value = subject.details->timeline.value;
    if (!print(out, preface(subject)) || !value) continue;
    std::string why;
    const auto part = part_of(*value, subject.zoom, why);
    if (!part) {
      out.paragraph("  ", "nothing to show: " + why);
      continue;
    }
    Picture(out, *value, *part).draw();
    if (!value->mounts_missing_because.empty())
      out.paragraph(
          "  ",
          std::string(value->mounts.empty() ? "not observed: where units were"
                                            : "not known: which units were where and when") +
              ", because " + value->mounts_missing_because,
          Tone::dim);
  }
  return out.take();
}

std::string markdown(const std::vector<Subject>& subjects) {
  std::string out = "```\n";
  for (const Line& line : lines(subjects, 80)) out += line.text + "\n";
  return out + "```\n";
}

void csv(CsvWriter& out, const Subject& subject) {
  const auto& [value, missing_because] = subject.details->timeline;
  const auto add = [&](const std::string& key, std::uint64_t number,
                       const std::string& because = {}) {
    out.add({key, csv_text(number), "count", "", "", subject.observer, because});
  };
  if (!value) return out.add({"timeline_runs", "", "count", "", "", "", one_line(missing_because)});
  add("timeline_tasks", value->tasks.size());
  add("timeline_units", value->units.size());
  add("timeline_runs", value->runs.size());
  if (value->mounts_missing_because.empty() || !value->mounts.empty())
    add("timeline_mounts", value->mounts.size(), one_line(value->mounts_missing_because));
  else
    out.add({"timeline_mounts", "", "count", "", "", "", one_line(value->mounts_missing_because)});
  add("timeline_events", value->events.size());
  for (const Timeline::Loss& loss : value->lost)
    add("timeline_lost[" + one_line(loss.what) + "]", loss.count);
}

bool applies(const result::Details& details) {
  return details.timeline.asked_for();
}

}  // namespace

extern const DetailView detail_timeline{.part = &Parts::timeline,
                                        .heading = "Timeline",
                                        .applies = applies,
                                        .lines = lines,
                                        .markdown = markdown,
                                        .csv = csv,
                                        .pictures = html::timeline_pictures,
                                        .pictures_say_it = true};

}  // namespace vtlab::render
