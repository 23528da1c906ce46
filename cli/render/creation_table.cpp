#include "render/creation_table.h"

#include <algorithm>

#include "render/format.h"
#include "render/words.h"

namespace vtlab::render {
namespace {

constexpr std::size_t kTime = 9;  // "1,234 µs" and a space

std::string time(const std::optional<std::uint64_t>& ns) {
  return pad_left(ns ? format_duration(static_cast<double>(*ns)) : "–", kTime);
}

// "CLONE_VM|CLONE_FS|SIGCHLD" as "CLONE_VM, FS, SIGCHLD": short, and can be broken.
std::string readable_flags(const std::string& flags) {
  std::string out;
  bool said = false;
  for (std::size_t at = 0; at <= flags.size();) {
    const std::size_t end = std::min(flags.find('|', at), flags.size());
    std::string word = flags.substr(at, end - at);
    if (word.starts_with("CLONE_")) {
      if (said) word.erase(0, 6);
      said = true;
    }
    out += (out.empty() ? "" : ", ") + word;
    at = end + 1;
  }
  return out;
}

class Printer {
 public:
  explicit Printer(std::size_t width) : width_(width) {}

  void add(std::string text, Tone tone = Tone::plain) {
    text.erase(text.find_last_not_of(' ') + 1);
    lines_.push_back({std::move(text), tone});
  }

  // The lead stands before every line: blanks, or the trunk of a tree.
  void paragraph(const std::string& lead, const std::string& text, Tone tone = Tone::plain) {
    for (const std::string& part : wrap(text, width_ - display_width(lead))) add(lead + part, tone);
  }

  // Words at the left, columns at the right.
  void row(const std::string& left, const std::string& right, Tone tone = Tone::plain) {
    const std::size_t room = width_ - std::min(width_, display_width(right));
    add(pad_right(shorten(left, room), room) + right, tone);
  }

  // The mode and what is to be said before its rows; false if there are none.
  bool begin(const CreationView& view, bool any) {
    add(view.mode, Tone::strong);
    if (!view.missing.empty()) paragraph("  ", "not observed: " + view.missing);
    if (!view.alert.empty()) paragraph("! ", view.alert, Tone::warning);
    if (view.missing.empty() && !any) add("  no task was made");
    return view.missing.empty();
  }

  std::vector<Line> take() { return std::move(lines_); }

 private:
  std::size_t width_;
  std::vector<Line> lines_;
};

std::size_t count_width(const std::vector<CreationView>& views) {
  std::uint64_t most = 0;
  for (const CreationView& view : views) {
    for (const PathKind& kind : view.paths) most = std::max(most, kind.count);
    for (const FailedKind& kind : view.failures) most = std::max(most, kind.count);
  }
  return std::max<std::size_t>(7, format_count(most).size() + 1);
}

void print_path(Printer& out, const PathKind& kind, std::size_t count) {
  out.paragraph("  ", spaced(kind.action) + " → " + kind.call);
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

}  // namespace

std::vector<Line> path_lines(const std::vector<CreationView>& views, std::size_t width) {
  Printer out(width);
  const std::size_t count = count_width(views);
  const auto columns = [&](const char* n, const char* a, const char* b, const char* c) {
    return pad_left(n, count) + pad_left(a, kTime) + pad_left(b, kTime) + pad_left(c, kTime);
  };
  out.row("Creation path", columns("tasks", "p50", "p99", "max"), Tone::heading);
  for (const CreationView& view : views) {
    if (!out.begin(view, !view.paths.empty() || !view.failures.empty())) continue;
    for (const PathKind& kind : view.paths) print_path(out, kind, count);
    for (const FailedKind& kind : view.failures) {
      out.paragraph("  ", spaced(kind.action) + " → " + kind.call);
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

std::vector<Line> sharing_lines(const std::vector<CreationView>& views, std::size_t width) {
  Printer out(width);
  const std::size_t count = count_width(views);
  const std::vector<std::size_t> widths = cell_widths(width, count);
  const bool wide = widths.front() == kWideCell;
  std::string head = pad_left("tasks", count);
  for (std::size_t i = 0; i < widths.size(); ++i)
    head += pad_left(result::kShareables[i], widths[i]);
  out.add("What a new task shares with its creator", Tone::heading);
  out.row("", head, Tone::heading);
  for (const CreationView& view : views) {
    if (!out.begin(view, !view.sharing.empty())) continue;
    for (const SharingKind& kind : view.sharing) {
      out.paragraph("  ", spaced(kind.action) + " → " + kind.call);
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

}  // namespace vtlab::render
