// path.cpp — --show path: how tasks were made, stage by stage.
#include <algorithm>

#include "render/creation_view.h"
#include "render/detail.h"
#include "render/format.h"
#include "render/html/pictures.h"
#include "render/markdown_text.h"
#include "render/words.h"

namespace vtlab::render {
namespace {

constexpr std::size_t kTime = 9;  // "1,234 µs" and a space

std::string time(const std::optional<std::uint64_t>& ns) {
  return pad_left(duration(ns), kTime);
}

void print_path(LinePrinter& out, const PathKind& kind, std::size_t count) {
  out.paragraph("  ", asked(kind));
  out.paragraph("  │ ", readable_flags(kind.flags), Tone::dim);
  for (const StageLine& stage : kind.stages)
    out.row("  ├ " + stage.title, pad_left(format_count(stage.count), count) + time(stage.p50_ns) +
                                      time(stage.p99_ns) + time(stage.max_ns));
  out.row("  └ " + kind.whole.title, pad_left(format_count(kind.whole.count), count) +
                                         time(kind.whole.p50_ns) + time(kind.whole.p99_ns) +
                                         time(kind.whole.max_ns));
}

std::vector<std::string> same_hooks(const std::vector<CreationView>& views) {
  std::vector<std::string> all;
  for (const CreationView& view : views)
    for (const std::string& hook : view.seen_by)
      if (std::find(all.begin(), all.end(), hook) == all.end()) all.push_back(hook);
  return all;
}

std::vector<Line> lines(const std::vector<Subject>& subjects, std::size_t width) {
  const std::vector<CreationView> views = creation_views(subjects);
  LinePrinter out(width);
  const std::size_t count = count_width(views);
  const auto columns = [&](const char* n, const char* a, const char* b, const char* c) {
    return pad_left(n, count) + pad_left(a, kTime) + pad_left(b, kTime) + pad_left(c, kTime);
  };
  out.row("Creation path", columns("tasks", "p50", "p99", "max"), Tone::heading);
  for (const CreationView& view : views) {
    if (!begin(out, view, !view.paths.empty() || !view.failures.empty())) continue;
    for (const PathKind& kind : view.paths) print_path(out, kind, count);
    for (const FailedKind& kind : view.failures) {
      out.paragraph("  ", asked(kind));
      out.paragraph("  │ ", readable_flags(kind.flags), Tone::dim);
      out.row("  └ failed: " + kind.error,
              pad_left(format_count(kind.count), count) + std::string(3 * kTime, ' '),
              Tone::warning);
    }
    if (!view.not_run.empty()) out.paragraph("  ", view.not_run);
  }
  const std::vector<std::string> hooks = same_hooks(views);
  if (hooks.empty()) return out.take();
  out.paragraph("",
                "Times: since the line above; percentiles are at most 3 % too high. Seen by " +
                    join(hooks, ", ") + ".",
                Tone::dim);
  return out.take();
}

std::string markdown(const std::vector<Subject>& subjects) {
  const std::vector<CreationView> views = creation_views(subjects);
  std::string out = creations_alerts(views);
  out +=
      table_line({"mode", "action", "asked by", "stage", "seen by", "tasks", "p50", "p99", "max"}) +
      table_line({":--", ":--", ":--", ":--", ":--", "--:", "--:", "--:", "--:"});
  for (const CreationView& view : views) {
    for (const PathKind& kind : view.paths) {
      std::vector<StageLine> lines = kind.stages;
      lines.push_back(kind.whole);
      bool first = true;
      for (const StageLine& line : lines) {
        std::vector<std::string> cells(3);
        if (first)
          cells = {escaped(view.preface.name), escaped(spaced(kind.action)),
                   bold(escaped(kind.call)) + " " + escaped(kind.flags)};
        first = false;
        for (const std::string& cell :
             {escaped(line.title), escaped(line.seen_by), format_count(line.count),
              duration(line.p50_ns), duration(line.p99_ns), duration(line.max_ns)})
          cells.push_back(cell);
        out += table_line(cells);
      }
    }
    for (const FailedKind& kind : view.failures)
      out +=
          table_line({escaped(view.preface.name), escaped(spaced(kind.action)),
                      bold(escaped(kind.call)) + " " + escaped(kind.flags),
                      "failed: " + escaped(kind.error), "", format_count(kind.count), "", "", ""});
  }
  return out + "\nTimes: since the stage above; percentiles are at most 3 % too high.\n";
}

void add_stage(CsvWriter& out, const std::string& key, const StageLine& stage) {
  out.add({"creation_stage" + key + "." + stage.key, csv_text(stage.count), "count", "", "",
           stage.seen_by, ""});
  if (!stage.p50_ns) return;
  const std::string begin = "creation_ns" + key + "." + stage.key + ".";
  out.add({begin + "p50", csv_text(stage.p50_ns), "ns", "", "", stage.seen_by, ""});
  out.add({begin + "p99", csv_text(stage.p99_ns), "ns", "", "", stage.seen_by, ""});
  out.add({begin + "max", csv_text(stage.max_ns), "ns", "", "", stage.seen_by, ""});
}

void csv(CsvWriter& out, const Subject& subject) {
  const CreationView view = make_creation_view(subject);
  const auto& creations = subject.details->creations.value;
  if (!creations) {
    out.add({"creations", "", "count", "", "", "", view.preface.missing});
    return;
  }
  out.add({"creations", csv_text(std::uint64_t{creations->records.size()}), "count", "", "",
           subject.observer, ""});
  out.add({"lost_creations", csv_text(creations->lost), "count", "", "", subject.observer,
           creations->void_because});
  for (const PathKind& kind : view.paths) {
    out.add({"creations" + key_of(kind), csv_text(kind.count), "count", "", "", "", ""});
    for (const StageLine& stage : kind.stages) add_stage(out, key_of(kind), stage);
    add_stage(out, key_of(kind), kind.whole);
  }
  for (const FailedKind& kind : view.failures)
    out.add({"creations_failed" + key_of(kind) + "." + kind.error, csv_text(kind.count), "count",
             "", "", "", ""});
}

}  // namespace

extern const DetailView detail_path{.part = &Parts::path,
                                    .heading = "Creation path",
                                    .applies = has_creations,
                                    .lines = lines,
                                    .markdown = markdown,
                                    .csv = csv,
                                    .pictures = html::path_pictures};

}  // namespace vtlab::render
