// task_names.cpp — the tasks of another runtime by name: those that it starts with, and those of the window.
#include "render/detail.h"
#include "render/format.h"
#include "render/html/pictures.h"
#include "render/markdown_text.h"

namespace vtlab::render {
namespace {

using result::NamedTasks;
using result::TaskNames;

bool has_names(const result::Details& details) {
  return details.task_names.value.has_value();
}

std::uint64_t sum(const TaskNames& names, std::uint64_t NamedTasks::*which) {
  std::uint64_t all = 0;
  for (const NamedTasks& row : names.rows) all += row.*which;
  return all;
}

std::string new_tasks(const TaskNames& names, std::uint64_t count) {
  return names.new_missing_because.empty() ? format_count(count) : "–";
}

std::string columns(const std::string& before, const std::string& in_window) {
  return pad_left(before, 17) + pad_left(in_window, 8);
}

std::vector<Line> lines(const std::vector<Subject>& subjects, std::size_t width) {
  LinePrinter out(width);
  for (const Subject& subject : subjects) {
    const TaskNames& names = *subject.details->task_names.value;
    const std::string whose = subject.name.empty() ? "" : subject.name + ", ";
    out.row(whose + names.runtime + ": threads by name", columns("before the window", "in it"),
            Tone::heading);
    for (const NamedTasks& row : names.rows)
      out.row("  " + row.name,
              columns(format_count(row.before_window), new_tasks(names, row.in_window)));
    out.row("  together", columns(format_count(sum(names, &NamedTasks::before_window)),
                                  new_tasks(names, sum(names, &NamedTasks::in_window))));
    if (!names.new_missing_because.empty())
      out.paragraph("  ", "– names of new tasks: " + names.new_missing_because, Tone::dim);
  }
  return out.take();
}

std::string markdown(const std::vector<Subject>& subjects) {
  std::string table =
      table_line({"mode", "runtime", "threads named", "before the window", "in it"}) +
      table_line({":--", ":--", ":--", "--:", "--:"});
  for (const Subject& subject : subjects) {
    const TaskNames& names = *subject.details->task_names.value;
    for (const NamedTasks& row : names.rows)
      table += table_line({escaped(subject.name), escaped(names.runtime), escaped(row.name),
                           format_count(row.before_window), new_tasks(names, row.in_window)});
  }
  return table;
}

void csv(CsvWriter& out, const Subject& subject) {
  const TaskNames& names = *subject.details->task_names.value;
  for (const NamedTasks& row : names.rows) {
    const std::string key = "tasks_named[" + row.name + "].";
    out.add({key + "before_window", csv_text(row.before_window), "count", "", "", "procfs", ""});
    const bool known = names.new_missing_because.empty();
    out.add({key + "in_window", known ? csv_text(row.in_window) : "", "count", "", "",
             subject.observer, names.new_missing_because});
  }
}

}  // namespace

// Stands with the ledger, whose actions in a JVM rest on these names.
extern const DetailView detail_task_names{.part = &Parts::ledger,
                                          .heading = "Threads by name",
                                          .applies = has_names,
                                          .lines = lines,
                                          .markdown = markdown,
                                          .csv = csv,
                                          .pictures = html::task_name_pictures};

}  // namespace vtlab::render
