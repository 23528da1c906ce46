// syscalls.cpp — --show syscalls: which system calls, how often, how long, and what they waited for.
#include <algorithm>
#include <map>

#include "render/detail.h"
#include "render/format.h"
#include "render/html/pictures.h"
#include "render/markdown_text.h"
#include "render/syscall_view.h"
#include "render/words.h"

namespace vtlab::render {
namespace {

constexpr std::size_t kMostCalls = 10, kMostBlocked = 6, kMostGroups = 8;
constexpr std::size_t kCount = 10, kUnit = 8, kErrors = 7, kBlocked = 9, kTime = 8;
constexpr std::size_t kWide = 76;  // columns of a terminal that has room for all of ours

bool has_syscalls(const result::Details& details) {
  return details.syscalls.asked_for();
}

// 0 is so frequent in these two columns that it would hide what is not.
std::string or_blank(std::uint64_t count) {
  return count ? format_count(count) : "";
}

// What there is room for. Without units, the time of all is shown where they would stand.
struct Columns {
  bool units, wide;

  std::string head() const {
    return pad_left("calls", kCount) + middle("/unit", "time") + pad_left("errors", kErrors) +
           pad_left("blocked", kBlocked) + times("p50", "p99", "max");
  }

  std::string row(const CallSum& sum, const SyscallView& view) const {
    const auto time = [](const auto& ns) { return ns ? duration(ns) : ""; };
    return pad_left(format_count(sum.count), kCount) +
           middle(per_unit(sum.count, view.units), duration(sum.total_ns)) +
           pad_left(or_blank(sum.errors), kErrors) + pad_left(or_blank(sum.blocked), kBlocked) +
           times(time(sum.p50_ns), time(sum.p99_ns), time(sum.max_ns));
  }

 private:
  std::string middle(const std::string& unit, const std::string& total) const {
    return wide ? pad_left(units ? unit : total, kUnit) : "";
  }

  std::string times(const std::string& p50, const std::string& p99, const std::string& max) const {
    return pad_left(p50, kTime) + (wide ? pad_left(p99, kTime) : "") + pad_left(max, kTime);
  }
};

// "read (pipe): 53 times, median 10.1 ms, longest 12.0 ms, in all 1.02 s"
std::string sentence(const BlockedKind& kind) {
  const CallSum& sum = kind.sum;
  std::string text = sum.name + ": ";
  text += sum.count == 1
              ? "once, " + duration(sum.max_ns)
              : format_count(sum.count) + " times, median " + duration(sum.p50_ns) + ", longest " +
                    duration(sum.max_ns) + ", in all " + duration(sum.total_ns);
  return kind.asked.empty() ? text : text + "; " + kind.asked;
}

void print_calls(LinePrinter& out, const SyscallView& view, const Columns& columns) {
  // One line more is no gain if it stands for one call.
  const bool all_fit = view.calls.size() <= kMostCalls + 1;
  const std::size_t shown = all_fit ? view.calls.size() : kMostCalls;
  for (std::size_t i = 0; i < shown; ++i)
    out.row("  " + view.calls[i].name, columns.row(view.calls[i], view));
  if (!all_fit) {
    const CallSum rest = rest_of(view.calls, shown);
    out.row("  " + rest.name, columns.row(rest, view), Tone::dim);
  }
  out.row("  all", columns.row(view.all, view), Tone::strong);
}

void print_blocked(LinePrinter& out, const SyscallView& view) {
  if (view.blocked.empty()) {
    out.add("  none of them blocked");
    return;
  }
  out.add("  blocked:");
  const std::size_t shown = std::min(view.blocked.size(), kMostBlocked);
  for (std::size_t i = 0; i < shown; ++i) {
    bool first = true;
    for (const std::string& part : wrap(sentence(view.blocked[i]), out.width() - 6)) {
      out.add((first ? "    " : "      ") + part);
      first = false;
    }
  }
  if (shown == view.blocked.size()) return;
  std::vector<CallSum> sums;
  for (const BlockedKind& kind : view.blocked) sums.push_back(kind.sum);
  const CallSum rest = rest_of(sums, shown);
  out.add("    " + rest.name + ": in all " + duration(rest.total_ns), Tone::dim);
}

std::string most_frequent(const CallGroup& group, const std::optional<std::uint64_t>& units) {
  constexpr std::size_t kMost = 4;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < std::min(kMost, group.calls.size()); ++i)
    parts.push_back(group.calls[i].name + " " + format_count(group.calls[i].count));
  if (group.calls.size() > kMost)
    parts.push_back(format_count(rest_of(group.calls, kMost).count) + " of " +
                    plural(group.calls.size() - kMost, "other"));
  std::string text = plural(group.sum.count, "call");
  if (units) text += ", " + per_unit(group.sum.count, units) + " per unit";
  return text + ": " + join(parts, ", ");
}

void print_groups(LinePrinter& out, const SyscallView& view) {
  if (view.groups.empty()) return;
  out.add("  by whom:");
  const std::size_t shown = std::min(view.groups.size(), kMostGroups);
  for (std::size_t i = 0; i < shown; ++i) {
    out.paragraph("    ", view.groups[i].sum.name);
    out.paragraph("      ", most_frequent(view.groups[i], view.units), Tone::dim);
  }
  if (shown != view.groups.size())
    out.add("    … " + format_count(view.groups.size() - shown) + " others", Tone::dim);
}

// How often a call was made per unit, in the mode where that was most.
std::vector<std::pair<double, std::string>> by_most_per_unit(
    const std::vector<const SyscallView*>& views) {
  std::map<std::string, double> most;
  for (const SyscallView* view : views) {
    for (const CallSum& sum : view->calls) {
      double& so_far = most[sum.name];
      so_far = std::max(so_far, static_cast<double>(sum.count) / static_cast<double>(*view->units));
    }
  }
  std::vector<std::pair<double, std::string>> calls;
  for (const auto& [name, count] : most) calls.emplace_back(count, name);
  std::sort(calls.begin(), calls.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  return calls;
}

// Each call beside itself in the other modes: what the same line of the program was made of there.
void print_by_mode(LinePrinter& out, const std::vector<SyscallView>& all) {
  constexpr std::size_t kName = 17, kColumn = 11;
  constexpr double kLeast = 0.1;  // of a unit: what is rarer belongs to the start and end of all
  std::vector<const SyscallView*> views;
  for (const SyscallView& view : all)
    if (view.units.value_or(0) != 0 && view.all.count != 0) views.push_back(&view);
  if (views.size() < 2) return;
  const auto calls = by_most_per_unit(views);
  const std::size_t at_once = (out.width() - kName) / kColumn;
  for (std::size_t from = 0; from < views.size(); from += at_once) {
    const std::size_t to = std::min(views.size(), from + at_once);
    std::string head;
    for (std::size_t i = from; i < to; ++i)
      head += pad_left(shorten(views[i]->preface.name, kColumn - 1), kColumn);
    out.row("Calls per unit", head, Tone::heading);
    for (const auto& [most, name] : calls) {
      if (most < kLeast) break;
      std::string row;
      for (std::size_t i = from; i < to; ++i) {
        const auto& sums = views[i]->calls;
        const auto sum = std::find_if(sums.begin(), sums.end(),
                                      [&name = name](const CallSum& s) { return s.name == name; });
        row += pad_left(sum == sums.end() ? "" : per_unit(sum->count, views[i]->units), kColumn);
      }
      out.row("  " + name, row);
    }
  }
}

std::vector<Line> lines(const std::vector<Subject>& subjects, std::size_t width) {
  LinePrinter out(width);
  std::vector<SyscallView> views;
  for (const Subject& subject : subjects) views.push_back(make_syscall_view(subject));
  const bool units = std::any_of(views.begin(), views.end(),
                                 [](const SyscallView& view) { return view.units.has_value(); });
  const Columns columns{units, width >= kWide};
  out.row("System calls", columns.head(), Tone::heading);
  std::string seen_by;
  for (const SyscallView& view : views) {
    if (!print(out, view.preface)) continue;
    seen_by = view.seen_by;
    if (view.all.count == 0) {
      out.add("  no system call was entered");
      continue;
    }
    print_calls(out, view, columns);
    print_blocked(out, view);
    print_groups(out, view);
    for (const std::string& remark : view.remarks) out.paragraph("  ", remark, Tone::dim);
  }
  if (seen_by.empty()) return out.take();
  print_by_mode(out, views);
  out.paragraph("",
                "Counts are exact; median, p50 and p99 are at most 12.5 % too high. A call blocked "
                "if its task gave its CPU away to wait. Seen by " +
                    seen_by + ".",
                Tone::dim);
  return out.take();
}

std::string markdown(const std::vector<Subject>& subjects) {
  std::string alerts, calls, waits;
  for (const Subject& subject : subjects) {
    const SyscallView view = make_syscall_view(subject);
    alerts += markdown_of(view.preface);
    for (const std::string& remark : view.remarks)
      alerts += "- " + view.preface.who() + escaped(remark) + "\n";
    std::vector<CallSum> rows = view.calls;
    rows.push_back(view.all);
    for (const CallSum& sum : rows) {
      if (sum.count == 0) continue;
      calls += table_line({escaped(view.preface.name), escaped(sum.name), format_count(sum.count),
                           per_unit(sum.count, view.units), format_count(sum.errors),
                           format_count(sum.blocked), duration(sum.p50_ns), duration(sum.p99_ns),
                           duration(sum.max_ns), duration(sum.total_ns)});
    }
    for (const BlockedKind& kind : view.blocked)
      waits += table_line({escaped(view.preface.name), escaped(kind.call), escaped(kind.waited_for),
                           escaped(kind.asked), format_count(kind.sum.count),
                           duration(kind.sum.p50_ns), duration(kind.sum.p99_ns),
                           duration(kind.sum.max_ns), duration(kind.sum.total_ns)});
  }
  std::string out = alerts.empty() ? "" : alerts + "\n";
  out += table_line({"mode", "call", "calls", "per unit", "errors", "blocked", "p50", "p99", "max",
                     "in all"}) +
         table_line({":--", ":--", "--:", "--:", "--:", "--:", "--:", "--:", "--:", "--:"}) + calls;
  if (!waits.empty())
    out += "\nThose that blocked:\n\n" +
           table_line(
               {"mode", "call", "waited for", "asked", "calls", "p50", "p99", "max", "in all"}) +
           table_line({":--", ":--", ":--", ":--", "--:", "--:", "--:", "--:", "--:"}) + waits;
  return out + "\nCounts are exact; p50 and p99 are at most 12.5 % too high.\n";
}

void add_times(CsvWriter& out, const std::string& key, const CallSum& sum) {
  out.add({"syscall_total_ns" + key, csv_text(sum.total_ns), "ns", "", "", "", ""});
  if (!sum.p50_ns) return;
  out.add({"syscall_ns" + key + ".p50", csv_text(sum.p50_ns), "ns", "", "", "", ""});
  out.add({"syscall_ns" + key + ".p99", csv_text(sum.p99_ns), "ns", "", "", "", ""});
  out.add({"syscall_ns" + key + ".max", csv_text(sum.max_ns), "ns", "", "", "", ""});
}

void csv(CsvWriter& out, const Subject& subject) {
  const SyscallView view = make_syscall_view(subject);
  const auto& value = subject.details->syscalls.value;
  if (!value) {
    out.add({"syscalls", "", "count", "", "", "", view.preface.missing});
    return;
  }
  out.add({"syscalls", csv_text(view.all.count), "count", "", "", view.seen_by, ""});
  out.add(
      {"lost_syscalls", csv_text(value->lost), "count", "", "", view.seen_by, value->void_because});
  for (const CallSum& sum : view.calls) {
    const std::string key = "[" + sum.name + "]";
    out.add({"syscalls" + key, csv_text(sum.count), "count", "", "", "", ""});
    out.add({"syscall_errors" + key, csv_text(sum.errors), "count", "", "", "", ""});
    out.add({"syscalls_blocked" + key, csv_text(sum.blocked), "count", "", "", "", ""});
    add_times(out, key, sum);
  }
  for (const BlockedKind& kind : view.blocked) {
    const std::string key = "[" + kind.call + "/" + kind.waited_for + "]";
    out.add({"syscalls_blocked" + key, csv_text(kind.sum.count), "count", "", "", "", ""});
    add_times(out, key, kind.sum);
  }
}

}  // namespace

extern const DetailView detail_syscalls{.part = &Parts::syscalls,
                                        .heading = "System calls",
                                        .applies = has_syscalls,
                                        .lines = lines,
                                        .markdown = markdown,
                                        .csv = csv,
                                        .pictures = html::syscall_pictures};

}  // namespace vtlab::render
