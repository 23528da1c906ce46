// runtime.cpp — --show runtime: what the runtime of Go or Java did, beside what the kernel counted.
#include "render/detail.h"
#include "render/format.h"
#include "render/markdown_text.h"

namespace vtlab::render {
namespace {

using result::RuntimeCount;
using result::RuntimeView;

constexpr std::size_t kMostReasons = 8;
constexpr const char* kKernelTasks = "new kernel tasks, in all";
constexpr const char* kKernel = "the kernel";

bool has_runtime(const result::Details& details) {
  return details.runtime.asked_for();
}

Preface preface(const Subject& subject) {
  const auto& runtime = subject.details->runtime;
  return preface_of(subject, runtime.missing_because,
                    runtime.value ? runtime.value->void_because : "",
                    "each count is at least what is shown");
}

void print_count(LinePrinter& out, const RuntimeCount& count) {
  if (!count.count) {
    out.row("  " + count.title, "–");
    out.paragraph("      ", count.missing_because, Tone::dim);
    return;
  }
  out.row("  " + count.title, format_count(*count.count), Tone::strong);
  for (std::size_t i = 0; i < count.reasons.size(); ++i) {
    if (i == kMostReasons) {
      std::uint64_t rest = 0;
      for (; i < count.reasons.size(); ++i) rest += count.reasons[i].count;
      out.row("      other reasons", format_count(rest), Tone::dim);
      break;
    }
    out.row("      " + shorten(count.reasons[i].name, 40), format_count(count.reasons[i].count));
  }
}

std::vector<Line> lines(const std::vector<Subject>& subjects, std::size_t width) {
  LinePrinter out(width);
  out.add("What the runtime says", Tone::heading);
  for (const Subject& subject : subjects) {
    if (!print(out, preface(subject)) || !subject.details->runtime.value) continue;
    const RuntimeView& view = *subject.details->runtime.value;
    out.add("  " + shorten(view.runtime + " in " + view.file, width - 2), Tone::dim);
    for (const RuntimeCount& count : view.counts) print_count(out, count);
    if (view.kernel_tasks)
      out.row(std::string("  ") + kKernelTasks, format_count(*view.kernel_tasks), Tone::strong);
  }
  return out.take();
}

std::string markdown(const std::vector<Subject>& subjects) {
  std::string out;
  std::string table = table_line({"mode", "runtime", "what", "count", "source"}) +
                      table_line({":--", ":--", ":--", "--:", ":--"});
  for (const Subject& subject : subjects) {
    out += markdown_of(preface(subject));
    if (!subject.details->runtime.value) continue;
    const RuntimeView& view = *subject.details->runtime.value;
    const std::string mode = escaped(subject.name), runtime = escaped(view.runtime);
    for (const RuntimeCount& count : view.counts) {
      table += table_line({mode, runtime, escaped(count.title),
                           count.count ? format_count(*count.count) : "–",
                           escaped(count.count ? count.source : count.missing_because)});
      for (const auto& reason : count.reasons)
        table += table_line({mode, runtime, escaped(count.title + ": " + reason.name),
                             format_count(reason.count), escaped(count.source)});
    }
    if (view.kernel_tasks)
      table += table_line({mode, runtime, kKernelTasks, format_count(*view.kernel_tasks), kKernel});
  }
  return (out.empty() ? out : out + "\n") + table;
}

void csv(CsvWriter& out, const Subject& subject) {
  const auto& runtime = subject.details->runtime;
  if (!runtime.value) {
    out.add({"runtime", "", "", "", "", "", runtime.missing_because});
    return;
  }
  out.add({"runtime", runtime.value->runtime, "", "", "", runtime.value->file, ""});
  for (const RuntimeCount& count : runtime.value->counts) {
    const std::string key = "runtime." + count.key;
    out.add({key, csv_text(count.count), "count", "", "", count.source, count.missing_because});
    for (const auto& reason : count.reasons)
      out.add({key + "[" + reason.name + "]", csv_text(reason.count), "count", "", "", count.source,
               ""});
  }
  if (runtime.value->kernel_tasks)
    out.add({"runtime.kernel_tasks", csv_text(*runtime.value->kernel_tasks), "count", "", "",
             kKernel, ""});
}

}  // namespace

extern const DetailView detail_runtime{.part = &Parts::runtime,
                                       .heading = "What the runtime says",
                                       .applies = has_runtime,
                                       .lines = lines,
                                       .markdown = markdown,
                                       .csv = csv};

}  // namespace vtlab::render
