// totals.cpp — sums over the tree: switches by kind, time on CPUs and time waited for them, and what became of each
// attempt to make a task.
#include <string>
#include <utility>
#include <vector>

#include "render/detail.h"
#include "render/format.h"
#include "render/markdown_text.h"
#include "render/words.h"

namespace vtlab::render {
namespace {

using result::AttemptCount;
using result::Totals;

bool has_totals(const result::Details& details) {
  return details.totals.asked_for();
}

struct Sum {
  std::string key, title;  // the title without its value
  std::optional<std::uint64_t> value;
  std::string unit;  // "count", "ns"
  std::string missing_because;
};

std::vector<Sum> sums(const Totals& t) {
  return {
      {"switches_voluntary", "switches, by themselves", t.voluntary, "count",
       t.switches_missing_because},
      {"switches_preempted", "switches, preempted", t.preempted, "count",
       t.switches_missing_because},
      {"on_cpu", "time on CPUs", t.on_cpu_ns, "ns", t.times_missing_because},
      {"waited", "time waited for a CPU", t.waited_ns, "ns", t.times_missing_because},
      {"waits", "times that was waited", t.waits, "count", t.times_missing_because},
      {"migrations", "moves to another CPU", t.migrations, "count", t.migrations_missing_because},
  };
}

std::string text_of(const Sum& sum) {
  return sum.value ? format_value(static_cast<double>(*sum.value), sum.unit) : "–";
}

// "by clone3, a thread", "by fork, failed with EAGAIN"
std::string words(const AttemptCount& row) {
  std::string out = row.call.empty() ? "by no call that was seen" : "by " + row.call;
  if (!row.kind.empty()) out += ", a " + row.kind;
  if (row.error.starts_with("ERESTART")) return out + ", begun anew after a signal";
  return row.error.empty() ? out : out + ", failed with " + row.error;
}

Preface preface(const Subject& subject) {
  const auto& detail = subject.details->totals;
  return preface_of(subject, detail.missing_because);
}

std::string why_incomplete(const Totals& t) {
  return t.lost_attempts == 0
             ? ""
             : plural(t.lost_attempts, "attempt") + " found no room and stand in no line";
}

std::vector<Line> lines(const std::vector<Subject>& subjects, std::size_t width) {
  LinePrinter out(width);
  out.add("Sums over all tasks", Tone::heading);
  for (const Subject& subject : subjects) {
    if (!print(out, preface(subject))) continue;
    const Totals& totals = *subject.details->totals.value;
    std::string last;
    for (const Sum& sum : sums(totals)) {
      out.row("  " + sum.title, text_of(sum));
      if (!sum.value && sum.missing_because != last)
        out.paragraph("    ", "– " + sum.missing_because, Tone::dim);
      last = sum.missing_because;
    }
    if (!totals.attempts.empty()) out.add("  attempts to make a task");
    for (const AttemptCount& row : totals.attempts)
      out.row("    " + words(row), format_count(row.count));
    if (const std::string lost = why_incomplete(totals); !lost.empty())
      out.paragraph("  ", lost, Tone::warning);
  }
  return out.take();
}

std::string markdown(const std::vector<Subject>& subjects) {
  std::string out;
  for (const Subject& subject : subjects) {
    const Preface before = preface(subject);
    out += markdown_of(before);
    if (!before.missing.empty()) continue;
    const Totals& totals = *subject.details->totals.value;
    out += table_line({"sum" + (before.name.empty() ? "" : ", " + escaped(before.name)), ""}) +
           table_line({":--", "--:"});
    for (const Sum& sum : sums(totals))
      out +=
          table_line({sum.title, sum.value ? text_of(sum) : "– " + escaped(sum.missing_because)});
    for (const AttemptCount& row : totals.attempts)
      out += table_line({"tasks asked for " + escaped(words(row)), format_count(row.count)});
    if (const std::string lost = why_incomplete(totals); !lost.empty())
      out += "\n" + escaped(lost) + "\n";
    out += "\n";
  }
  return out;
}

void csv(CsvWriter& out, const Subject& subject) {
  const auto& detail = subject.details->totals;
  if (!detail.value) {
    out.add({"totals", "", "count", "", "", "", detail.missing_because});
    return;
  }
  for (const Sum& sum : sums(*detail.value))
    out.add({"totals." + sum.key, csv_text(sum.value), sum.unit, "", "", subject.observer,
             sum.missing_because});
  for (const result::LatencyBucket& bucket : detail.value->wait)
    out.add({"totals.wait[" + std::to_string(bucket.most_ns) + "]", csv_text(bucket.count), "count",
             "", "", subject.observer, ""});
  for (const AttemptCount& row : detail.value->attempts)
    out.add({"totals.attempts[" + (row.call.empty() ? "none" : row.call) + "," +
                 (row.kind.empty() ? "unknown" : row.kind) + "," +
                 (row.error.empty() ? "made" : row.error) + "]",
             csv_text(row.count), "count", "", "", subject.observer, ""});
  out.add({"totals.lost_attempts", csv_text(detail.value->lost_attempts), "count", "", "",
           subject.observer, ""});
}

}  // namespace

extern const DetailView detail_totals{.part = &Parts::totals,
                                      .heading = "Sums over all tasks",
                                      .applies = has_totals,
                                      .lines = lines,
                                      .markdown = markdown,
                                      .csv = csv};

}  // namespace vtlab::render
