// csv.cpp — one value per line, for spreadsheets, R and pandas.
//
// Fields are quoted as RFC 4180 says; lines end with a line feed. Numbers are exact and carry no
// grouping. An absent value is an empty field with its reason in the last column.
#include <algorithm>

#include "render/collection.h"
#include "render/comparison.h"
#include "render/detail.h"
#include "render/observed.h"

namespace vtlab::render {
namespace {

using result::Result;

void add_claim(CsvWriter& out, const result::ClaimCheck& claim) {
  const std::string key = "claim[" + claim.id + "]";
  if (claim.verdict == result::Verdict::not_testable_here)
    out.add({key, "not-testable-here", "", "", "", "", claim.because});
  else
    out.add({key, claim.verdict == result::Verdict::holds ? "holds" : "refuted", "", "", "",
             claim.because, ""});
}

void add_repetition(CsvWriter& out, std::size_t number, const result::Repetition& repetition) {
  const std::string key = "repetition[" + std::to_string(number) + "].";
  out.add({key + "wall_ns", csv_text(repetition.wall_ns), "ns", "", "", "", ""});
  out.add({key + "units_done", csv_text(repetition.units_done), "count", "", "", "", ""});
  if (repetition.kernel_tasks)
    out.add({key + "kernel_tasks", csv_text(repetition.kernel_tasks), "count", "", "", "", ""});
}

// The extremes of one field over the repetitions; both empty if one of them lacks it.
struct Extremes {
  std::string low, high;
};

template <class F>
Extremes extremes(const std::vector<result::Repetition>& repetitions, F field) {
  std::optional<std::uint64_t> low, high;
  for (const result::Repetition& repetition : repetitions) {
    const std::optional<std::uint64_t> value = field(repetition);
    if (!value) return {};
    low = std::min(low.value_or(*value), *value);
    high = std::max(high.value_or(*value), *value);
  }
  return {csv_text(low), csv_text(high)};
}

void add_result(CsvWriter& out, const Result& r) {
  out.about(r.scenario, r.mode);
  for (const result::Param& param : r.params)
    out.add({"param[" + param.key + "]",
             std::visit([](const auto& value) { return csv_text(value); }, param.value), "", "", "",
             "", ""});
  out.add({"partial", r.partial ? "true" : "false", "", "", "", "", r.partial_because});
  using result::Repetition;
  const Extremes tasks =
      extremes(r.repetitions, [](const Repetition& repetition) { return repetition.kernel_tasks; });
  const Extremes wall = extremes(r.repetitions, [](const Repetition& repetition) {
    return std::optional(repetition.wall_ns);
  });
  out.add({"kernel_tasks", csv_text(r.kernel_tasks), "count", tasks.low, tasks.high, r.observer,
           r.kernel_tasks ? "" : r.kernel_tasks_missing_because});
  for (const result::LedgerRow& row : r.ledger) {
    out.add({"kernel_tasks[" + row.action + "]", csv_text(row.kernel_tasks), "count", "", "",
             r.observer, ""});
    if (row.sharing_mm)
      out.add({"sharing_mm[" + row.action + "]", csv_text(row.sharing_mm), "count", "", "",
               r.observer, ""});
  }
  out.add({"wall_ns", csv_text(r.wall_ns), "ns", wall.low, wall.high, "", ""});
  for (const result::Metric& metric : r.metrics) add_metric(out, metric);
  for (const result::ClaimCheck& claim : r.claims) add_claim(out, claim);
  for (const result::ProbeNote& probe : r.probes) add_probe(out, probe);
  out.add({"lost_events", csv_text(r.lost_events), "count", "", "", r.observer, ""});
  for (const DetailView* view : detail_views())
    if (view->applies(r.details)) view->csv(out, {r.mode, r.observer, &r.details});
  for (std::size_t i = 0; i < r.repetitions.size(); ++i)
    add_repetition(out, i + 1, r.repetitions[i]);
}

std::string render_csv(const result::ResultSet& set, const Options&) {
  CsvWriter out;
  for (const Result& r : set.results) add_result(out, r);
  for (const result::Skip& skip : set.skipped) {
    out.about(skip.scenario, skip.mode);
    out.add({"skipped", "", "", "", "", "", skip.because});
  }
  out.about("", "");
  for (const result::ClaimCheck& claim : set.claims) add_claim(out, claim);
  for (const std::string& note : set.notes) out.add({"note", note, "", "", "", "", ""});
  out.add({"partial", set.partial ? "true" : "false", "", "", "", "", ""});
  add_host(out, set.host);
  return out.take();
}

}  // namespace

extern const Renderer renderer_csv{.name = "csv",
                                   .title = "one value per line, for spreadsheets, R and pandas",
                                   .ending = ".csv",
                                   .render = render_csv,
                                   .render_observed = observed_csv,
                                   .render_comparison = comparison_csv,
                                   .render_collection = collection_csv};

}  // namespace vtlab::render
