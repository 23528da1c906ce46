// sched.cpp — --show sched: who had the CPUs, who waited for them, and who woke whom.
#include <algorithm>
#include <cmath>

#include "render/detail.h"
#include "render/format.h"
#include "render/html/pictures.h"
#include "render/markdown_text.h"
#include "render/words.h"
#include "result/scheduling.h"

namespace vtlab::render {
namespace {

using result::Scheduling;
using result::Spread;
using result::TaskGroup;

constexpr std::size_t kBlocks = 4;  // groups that are shown to people in full
constexpr std::size_t kMostWakers = 4;
constexpr std::size_t kTimes = 10, kTime = 9;

struct NamedSpread {
  const char *key, *title;
  const Spread* spread;
};

std::vector<NamedSpread> spreads(const TaskGroup& group) {
  return {{"on_cpu", "on CPU", &group.on_cpu},
          {"waiting", "waiting", &group.waiting},
          {"off_cpu", "off CPU", &group.off_cpu}};
}

// A name of a program may contain dashes; a key of an action means a blank by it.
std::string name_of(const Scheduling& scheduling, const std::string& name) {
  return one_line(scheduling.by_action ? spaced(name) : name);
}

std::string times(std::uint64_t count) {
  return count == 1 ? "once" : format_count(count) + " times";
}

std::string wakers(const Scheduling& scheduling, const TaskGroup& group) {
  std::vector<std::string> words;
  std::uint64_t others = 0;
  for (const result::Waker& waker : group.woken_by) {
    if (words.size() < kMostWakers)
      words.push_back(name_of(scheduling, waker.by) + " " + format_count(waker.times) + "×");
    else
      others += waker.times;
  }
  if (others != 0) words.push_back("others " + format_count(others) + "×");
  return words.empty() ? "nobody" : join(words, ", ");
}

std::string facts(const TaskGroup& group) {
  std::string out = plural(group.tasks, "task") + "; stopped " + times(group.voluntary) +
                    " by itself, " + times(group.preempted) + " preempted";
  if (group.tasks != 1) out.replace(out.find("itself"), 6, "themselves");
  return out + "; " + plural(group.migrations, "migration");
}

std::string kernel_memory(const result::KernelMemory& memory) {
  std::vector<std::string> each, process;
  const auto add = [](std::vector<std::string>& to, const char* what,
                      const std::optional<std::uint64_t>& bytes) {
    if (bytes) to.push_back(std::string(what) + " " + format_bytes(static_cast<double>(*bytes)));
  };
  add(each, "kernel stack", memory.stack);
  add(each, "task_struct", memory.task_struct);
  add(process, "signal_struct", memory.signal_struct);
  add(process, "sighand_struct", memory.sighand_struct);
  add(process, "mm_struct", memory.mm_struct);
  if (each.empty()) return "Kernel memory: this kernel does not tell the sizes.";
  std::string out = "Kernel memory of each task: " + join(each, ", ");
  if (!process.empty()) out += "; of each process also " + join(process, ", ");
  return out + ". Not counted: page tables, FPU state, file tables, what it allocates as it runs.";
}

// Each value as a column of its height; the highest is full, and only 0 is empty.
std::string graph(const std::vector<double>& values) {
  constexpr const char* kColumns[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  double most = 0;
  for (const double value : values) most = std::max(most, value);
  std::string out;
  for (const double value : values)
    out += kColumns[most > 0 ? static_cast<std::size_t>(std::ceil(8 * value / most)) : 0];
  return out;
}

// Neighbours are averaged until there is room for all.
std::vector<double> fitting(std::vector<double> values, std::size_t room) {
  while (values.size() > room) {
    for (std::size_t i = 0; i < values.size(); i += 2)
      values[i / 2] = i + 1 < values.size() ? (values[i] + values[i + 1]) / 2 : values[i];
    values.resize((values.size() + 1) / 2);
  }
  return values;
}

void print_timeline(LinePrinter& out, const result::TaskTimeline& timeline) {
  constexpr std::size_t kLabel = 10, kMost = 10;  // "  running ", "  up to 12"
  const std::size_t room = out.width() - kLabel - kMost;
  const auto line = [&](const char* label, const std::vector<double>& all) {
    if (all.empty()) return;
    const std::vector<double> values = fitting(all, room);
    out.add("  " + std::string(label) + " " + pad_right(graph(values), room) + " ≤ " +
            format_number(*std::max_element(all.begin(), all.end())));
  };
  line("alive  ", timeline.alive);
  line("running", timeline.running);
  line("waiting", timeline.waiting);
  if (!timeline.alive.empty())
    out.paragraph("  ",
                  "tasks over " + duration(timeline.step_ns * timeline.alive.size()) +
                      ", averages; each line has a scale of its own",
                  Tone::dim);
}

void print_group(LinePrinter& out, const Scheduling& scheduling, const TaskGroup& group) {
  out.paragraph("  ", name_of(scheduling, group.name) + ": " + facts(group));
  for (const auto& [key, title, spread] : spreads(group)) {
    std::string cells = pad_left(format_count(spread->count), kTimes);
    for (const std::uint64_t ns :
         {spread->total_ns, spread->p50_ns, spread->p99_ns, spread->max_ns})
      cells += pad_left(spread->count ? duration(ns) : "–", kTime);
    out.row("    " + std::string(title), cells);
  }
  out.paragraph("    ", "woken by " + wakers(scheduling, group));
}

void print_rest(LinePrinter& out, const Scheduling& scheduling) {
  std::uint64_t tasks = 0, on_cpu_ns = 0;
  for (std::size_t i = kBlocks; i < scheduling.groups.size(); ++i) {
    tasks += scheduling.groups[i].tasks;
    on_cpu_ns += scheduling.groups[i].on_cpu.total_ns;
  }
  if (tasks != 0)
    out.paragraph("  ", "and " + plural(tasks, "task") + " of other groups: " +
                            duration(on_cpu_ns) + " on CPUs; --format json and csv have them");
}

Preface preface(const Subject& subject) {
  const auto& [value, missing_because] = subject.details->scheduling;
  return preface_of(subject, missing_because, value ? value->void_because : "",
                    "what follows is of the records that are left");
}

std::vector<Line> lines(const std::vector<Subject>& subjects, std::size_t width) {
  LinePrinter out(width);
  out.row("Scheduling",
          pad_left("times", kTimes) + pad_left("total", kTime) + pad_left("p50", kTime) +
              pad_left("p99", kTime) + pad_left("max", kTime),
          Tone::heading);
  const Scheduling* any = nullptr;
  for (const Subject& subject : subjects) {
    const auto& value = subject.details->scheduling.value;
    if (!print(out, preface(subject)) || !value) continue;
    if (!any || !any->memory.task_struct) any = &*value;
    if (value->groups.empty()) out.add("  no switch was seen");
    for (std::size_t i = 0; i < std::min(kBlocks, value->groups.size()); ++i)
      print_group(out, *value, value->groups[i]);
    print_rest(out, *value);
    print_timeline(out, value->timeline);
  }
  if (!any) return out.take();
  out.paragraph(
      "",
      "on CPU: from a switch to the task to the next one away. waiting: runnable, for a "
      "CPU. off CPU: from stopping by itself until runnable. A task is woken by whoever "
      "ran there then, also if an interrupt did it. Percentiles are at most 3 % too high.",
      Tone::dim);
  out.paragraph("", kernel_memory(any->memory), Tone::dim);
  return out.take();
}

// As the table draws it.
std::string over_time(const Subject& subject) {
  constexpr std::size_t kWidth = 80;
  LinePrinter graph(kWidth);
  print_timeline(graph, subject.details->scheduling.value->timeline);
  std::string out;
  for (const Line& line : graph.take()) out += line.text + "\n";
  if (out.empty()) return out;
  const std::string name = one_line(subject.name);
  return "\n```\n" + (name.empty() ? "" : name + "\n") + out + "```\n";
}

std::string markdown(const std::vector<Subject>& subjects) {
  std::string alerts, rows, memory, graphs;
  for (const Subject& subject : subjects) {
    const auto& value = subject.details->scheduling.value;
    alerts += markdown_of(preface(subject));
    if (!value) continue;
    memory = "\n" + escaped(kernel_memory(value->memory)) + "\n";
    graphs += over_time(subject);
    for (const TaskGroup& group : value->groups) {
      bool first = true;
      for (const auto& [key, title, spread] : spreads(group)) {
        std::vector<std::string> cells(4);
        if (first)
          cells = {escaped(subject.name), escaped(name_of(*value, group.name)),
                   escaped(facts(group)), escaped(wakers(*value, group))};
        first = false;
        cells.emplace_back(title);
        cells.push_back(format_count(spread->count));
        for (const std::uint64_t ns :
             {spread->total_ns, spread->p50_ns, spread->p99_ns, spread->max_ns})
          cells.push_back(spread->count ? duration(ns) : "–");
        rows += table_line(cells);
      }
    }
  }
  if (!alerts.empty()) alerts += "\n";
  if (rows.empty()) return alerts;
  return alerts +
         table_line({"mode", "tasks of", "switches", "woken by", "state", "times", "total", "p50",
                     "p99", "max"}) +
         table_line({":--", ":--", ":--", ":--", ":--", "--:", "--:", "--:", "--:", "--:"}) + rows +
         graphs + memory;
}

void csv(CsvWriter& out, const Subject& subject) {
  const auto& [value, missing_because] = subject.details->scheduling;
  if (!value) {
    out.add({"sched_switches", "", "count", "", "", "", one_line(missing_because)});
    return;
  }
  const auto add = [&](const std::string& key, std::uint64_t number, const char* unit) {
    out.add({key, csv_text(number), unit, "", "", subject.observer, ""});
  };
  add("sched_switches", value->switches, "count");
  out.add({"sched_lost", csv_text(value->lost), "count", "", "", subject.observer,
           one_line(value->void_because)});
  const result::TaskTimeline& steps = value->timeline;
  const auto add_steps = [&](const std::string& key, const std::vector<double>& tasks) {
    for (std::size_t i = 0; i < tasks.size(); ++i)
      out.add({"sched_over_time[" + csv_text(steps.step_ns * i) + "]." + key,
               format_exact(tasks[i]), "count", "", "", subject.observer, ""});
  };
  add_steps("alive", steps.alive);
  add_steps("running", steps.running);
  add_steps("waiting", steps.waiting);
  const auto add_size = [&](const std::string& of, const std::optional<std::uint64_t>& bytes) {
    if (bytes) add("sched_kernel_memory[" + of + "]", *bytes, "bytes");
  };
  add_size("kernel_stack", value->memory.stack);
  add_size("task_struct", value->memory.task_struct);
  add_size("signal_struct", value->memory.signal_struct);
  add_size("sighand_struct", value->memory.sighand_struct);
  add_size("mm_struct", value->memory.mm_struct);
  for (const TaskGroup& group : value->groups) {
    const std::string of = "[" + one_line(group.name) + "]";
    add("sched_tasks" + of, group.tasks, "count");
    add("sched_voluntary" + of, group.voluntary, "count");
    add("sched_preempted" + of, group.preempted, "count");
    add("sched_migrations" + of, group.migrations, "count");
    for (const auto& [key, title, spread] : spreads(group)) {
      const std::string begin = "sched_" + std::string(key);
      add(begin + of, spread->count, "count");
      if (spread->count == 0) continue;
      add(begin + "_ns" + of + ".total", spread->total_ns, "ns");
      add(begin + "_ns" + of + ".p50", spread->p50_ns, "ns");
      add(begin + "_ns" + of + ".p99", spread->p99_ns, "ns");
      add(begin + "_ns" + of + ".max", spread->max_ns, "ns");
    }
    for (const result::Waker& waker : group.woken_by)
      add("sched_woken" + of + ".by[" + one_line(waker.by) + "]", waker.times, "count");
  }
}

bool applies(const result::Details& details) {
  return details.scheduling.asked_for();
}

}  // namespace

extern const DetailView detail_sched{.part = &Parts::sched,
                                     .heading = "Scheduling",
                                     .applies = applies,
                                     .lines = lines,
                                     .markdown = markdown,
                                     .csv = csv,
                                     .pictures = html::sched_pictures};

}  // namespace vtlab::render
