// sharing.cpp — --show sharing: what new tasks share with their creators, and what was asked for.
#include <algorithm>

#include "render/creation_view.h"
#include "render/detail.h"
#include "render/format.h"
#include "render/markdown_text.h"
#include "render/words.h"

namespace vtlab::render {
namespace {

constexpr std::size_t kWideCell = 7;  // "shared" and a space

// Wide enough for "shared" in every column, or only for the names of the columns and "same".
std::vector<std::size_t> cell_widths(std::size_t width, std::size_t count) {
  std::vector<std::size_t> wide, narrow;
  std::size_t sum = 2 + count;
  for (const std::string_view name : result::kShareables) {
    wide.push_back(std::max(kWideCell, name.size() + 1));
    narrow.push_back(std::max<std::size_t>(5, name.size() + 1));
    sum += wide.back();
  }
  return sum <= width ? wide : narrow;
}

std::string word_of(result::Share share, bool wide) {
  switch (share) {
    case result::Share::shared:
      return wide ? "shared" : "same";
    case result::Share::own:
      return "own";
    case result::Share::none:
      return "none";
    case result::Share::unknown:
      break;
  }
  return "?";
}

std::vector<Line> lines(const std::vector<Subject>& subjects, std::size_t width) {
  const std::vector<CreationView> views = creation_views(subjects);
  LinePrinter out(width);
  const std::size_t count = count_width(views);
  const std::vector<std::size_t> widths = cell_widths(width, count);
  const bool wide = widths.front() == kWideCell;
  std::string head = pad_left("tasks", count);
  for (std::size_t i = 0; i < widths.size(); ++i)
    head += pad_left(result::kShareables[i], widths[i]);
  out.add("What a new task shares with its creator", Tone::heading);
  out.row("", head, Tone::heading);
  for (const CreationView& view : views) {
    if (!begin(out, view, !view.sharing.empty())) continue;
    for (const SharingKind& kind : view.sharing) {
      out.paragraph("  ", asked(kind));
      out.paragraph("    ", readable_flags(kind.flags));
      std::string cells = pad_left(format_count(kind.count), count);
      for (std::size_t i = 0; i < widths.size(); ++i)
        cells += pad_left(word_of(kind.sharing[i], wide), widths[i]);
      out.row("", cells, Tone::strong);
      if (!kind.task.empty()) out.paragraph("    ", join(kind.task, ", "), Tone::dim);
    }
  }
  out.paragraph("",
                std::string(wide ? "shared" : "same") +
                    ": both task_structs point to the same object; own: to two; none: the new task "
                    "has none; ?: not observed.",
                Tone::dim);
  return out.take();
}

std::string markdown(const std::vector<Subject>& subjects) {
  const std::vector<CreationView> views = creation_views(subjects);
  std::vector<std::string> head{"mode", "action", "asked by", "tasks"};
  std::vector<std::string> rule{":--", ":--", ":--", "--:"};
  for (const std::string_view name : result::kShareables) {
    head.emplace_back(name);
    rule.emplace_back(":--");
  }
  head.emplace_back("the new task");
  rule.emplace_back(":--");
  std::string out = creations_alerts(views) + table_line(head) + table_line(rule);
  for (const CreationView& view : views)
    for (const SharingKind& kind : view.sharing) {
      std::vector<std::string> cells{escaped(view.preface.name), escaped(spaced(kind.action)),
                                     bold(escaped(kind.call)) + " " + escaped(kind.flags),
                                     format_count(kind.count)};
      for (const result::Share share : kind.sharing)
        cells.emplace_back(result::kShareWords[static_cast<std::size_t>(share)]);
      std::string task;
      for (const std::string& fact : kind.task) task += (task.empty() ? "" : ", ") + escaped(fact);
      cells.push_back(task);
      out += table_line(cells);
    }
  return out;
}

void csv(CsvWriter& out, const Subject& subject) {
  const CreationView view = make_creation_view(subject);
  for (const SharingKind& kind : view.sharing)
    for (std::size_t i = 0; i < kind.sharing.size(); ++i) {
      const auto share = static_cast<std::size_t>(kind.sharing[i]);
      out.add({"sharing" + key_of(kind) + "." + std::string(result::kShareables[i]),
               share ? std::string(result::kShareWords[share]) : "", "", "", "",
               csv_text(kind.count) + " tasks", share ? "" : "this rung or kernel does not tell"});
    }
}

}  // namespace

extern const DetailView detail_sharing{.part = &Parts::sharing,
                                       .heading = "What a new task shares with its creator",
                                       .applies = has_creations,
                                       .lines = lines,
                                       .markdown = markdown,
                                       .csv = csv};

}  // namespace vtlab::render
