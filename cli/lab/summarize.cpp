#include "lab/summarize.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "lab/metrics.h"
#include "statistics/statistics.h"

namespace vtlab::lab {
namespace {

using result::ClaimCheck;
using result::LedgerRow;
using result::Metric;
using result::Result;

std::uint64_t wall_ns(const Observation& o) {
  return o.end_ns - o.start_ns;
}

Metric summarize_metric(const MetricKind& kind, std::span<const Observation* const> runs,
                        const Machine& machine) {
  Metric metric{kind.key, kind.title, kind.unit, kind.source(*runs.front()), {}, {}, {}, {}};
  std::vector<double> values;
  for (const Observation* run : runs) {
    const Reading reading = kind.read(*run, machine);
    if (reading.value) values.push_back(*reading.value);
    if (!reading.value) metric.missing_because = reading.missing_because;
  }
  // A value that some repetition lacks would be a median of the lucky ones.
  if (values.size() != runs.size()) return metric;
  metric.missing_because.clear();
  metric.value = statistics::median(values);
  if (runs.size() > 1) {
    metric.low = *std::min_element(values.begin(), values.end());
    metric.high = *std::max_element(values.begin(), values.end());
    metric.values = values;
  }
  return metric;
}

ClaimCheck check(const Claim& claim, std::span<const Observation* const> runs) {
  Check worst{Verdict::holds, {}};  // of equals the first speaks
  std::size_t held = 0;
  for (const Observation* run : runs) {
    const Check check = judge(claim, evidence_of(*run));
    if (worst.because.empty() || is_worse(check.verdict, worst.verdict)) worst = check;
    held += check.verdict == Verdict::holds;
  }
  ClaimCheck result{std::string(claim.id), std::string(claim.statement), to_result(worst.verdict),
                    worst.because};
  if (runs.size() > 1)
    result.because +=
        " (held in " + std::to_string(held) + " of " + std::to_string(runs.size()) + " runs)";
  return result;
}

std::vector<ClaimCheck> check_claims(const Experiment& experiment,
                                     std::span<const Observation* const> runs) {
  std::vector<ClaimCheck> checks;
  for (const Claim* claim : experiment.mode->claims) checks.push_back(check(*claim, runs));
  for (const Claim* claim : experiment.scenario->claims) {
    if (claim->about(*experiment.mode)) checks.push_back(check(*claim, runs));
  }
  return checks;
}

std::vector<result::Param> params_of(const Experiment& experiment, std::size_t repeat) {
  const Params& p = experiment.params;
  const Mode& mode = *experiment.mode;
  std::vector<result::Param> params{
      {"tasks", std::uint64_t{p.tasks}},
      {mode.has_procs ? "procs" : "carriers", std::uint64_t{p.carriers}}};
  if (experiment.scenario->defaults.delay_ns && p.over != Over::file)
    params.push_back({"delay_ns", p.delay_ns});
  if (experiment.scenario->chooses_over) params.push_back({"over", std::string(name(p.over))});
  if (experiment.scenario->chooses_pin && mode.foreign == Language::java)
    params.push_back({"pin", std::string(name(p.pin))});
  if (experiment.foreign) params.push_back({"runtime", experiment.foreign->runtime});
  if (mode.has_poller) params.push_back({"poller", std::string(name(p.poller))});
  params.push_back({"repeat", std::uint64_t{repeat}});
  params.push_back({"seed", p.seed});
  return params;
}

Result summarize_mode(std::span<const Observation* const> runs, const Machine& machine) {
  std::vector<const Observation*> by_wall(runs.begin(), runs.end());
  std::sort(by_wall.begin(), by_wall.end(),
            [](const auto* a, const auto* b) { return wall_ns(*a) < wall_ns(*b); });
  const Observation& typical = *by_wall[(by_wall.size() - 1) / 2];
  const Experiment& experiment = typical.experiment;

  Result result;
  result.scenario = experiment.scenario->name;
  result.mode = experiment.mode->name;
  result.mode_title = experiment.mode->title;
  result.observer = typical.observer;
  result.params = params_of(experiment, runs.size());
  result.kernel_tasks = typical.kernel.kernel_tasks;
  if (!result.kernel_tasks)
    result.kernel_tasks_missing_because = "no rung of wake_up_new_task could be attached";
  result.ledger = ledger_of(typical.kernel, *experiment.mode);
  result.wall_ns = wall_ns(typical);
  result.probes = typical.kernel.probes;
  result.details = typical.kernel.details;
  if (auto& calls = result.details.syscalls.value) calls->units = units_expected(typical);
  for (const MetricKind& kind : metric_kinds()) {
    if (kind.applies(*experiment.scenario) && (!kind.asked_for || kind.asked_for(experiment)))
      result.metrics.push_back(summarize_metric(kind, runs, machine));
  }
  for (const Reported& number : experiment.scenario->reports)
    result.metrics.push_back(summarize_metric(reported_kind(number), runs, machine));
  result.claims = check_claims(experiment, runs);
  for (const Observation* run : runs) {
    result.lost_events += run->kernel.lost_events;
    result.repetitions.push_back({wall_ns(*run), units_done(*run), run->kernel.kernel_tasks});
    if (run->ending == Ending::done && units_done(*run) == units_expected(*run)) continue;
    result.partial = true;
    result.partial_because = evidence_of(*run).void_because;
  }
  return result;
}

std::string failed_units(const Observation& o) {
  const std::uint64_t done = units_done(o), asked = units_expected(o);
  if (done == asked) return {};
  const auto bad =
      std::find_if(o.units.begin(), o.units.end(), [](const auto& u) { return u.error != 0; });
  return "only " + std::to_string(done) + " of " + std::to_string(asked) + " units finished" +
         (bad == o.units.end() ? ""
                               : std::string(": ") + std::strerror(static_cast<int>(bad->error)));
}

}  // namespace

result::Verdict to_result(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return result::Verdict::holds;
    case Verdict::refuted:
      return result::Verdict::refuted;
    case Verdict::not_testable_here:
      break;
  }
  return result::Verdict::not_testable_here;
}

std::string why_no_answer(const Observation& o) {
  return o.ending == Ending::done ? failed_units(o) : o.ended_because;
}

Evidence evidence_of(const Observation& o) {
  Evidence e;
  e.params = o.experiment.params;
  e.params.tasks = static_cast<std::uint32_t>(units_expected(o));
  e.units_done = units_done(o);
  e.spares = spares(*o.experiment.scenario, *o.experiment.mode, o.experiment.params);
  e.void_because = o.kernel.void_because;
  if (o.ending != Ending::done || e.void_because.empty()) e.void_because = why_no_answer(o);
  if (e.void_because.empty() && o.kernel.lost_events > 0)
    e.void_because = std::to_string(o.kernel.lost_events) + " events were lost";
  e.kernel_tasks = o.kernel.kernel_tasks;
  std::uint64_t sharing = 0;
  bool sharing_known = !o.kernel.by_action.empty();
  for (std::size_t i = 0; i < o.kernel.by_action.size(); ++i) {
    const KernelView::Row& row = o.kernel.by_action[i];
    if (i < e.caused.size()) e.caused[i] = row.kernel_tasks;
    if (i < e.caused.size() && action_texts()[i].by_body) {
      if (e.kernel_tasks) *e.kernel_tasks -= row.kernel_tasks;
      continue;
    }
    sharing_known = sharing_known && row.sharing_mm.has_value();
    sharing += row.sharing_mm.value_or(0);
  }
  if (sharing_known) e.sharing_mm = sharing;
  if (o.waiting) e.procfs_threads = o.waiting->threads;
  e.most_waiting = o.most_waiting;
  e.main_tid = static_cast<std::uint64_t>(o.main_tid);
  std::set<std::uint32_t> tids;
  for (const UnitFacts& unit : o.units) {
    if (unit.first_tid) tids.insert(unit.first_tid);
    if (unit.last_tid) tids.insert(unit.last_tid);
  }
  e.unit_tids = tids.size();
  e.only_on_main = tids == std::set<std::uint32_t>{static_cast<std::uint32_t>(o.main_tid)};
  e.wall_ns = wall_ns(o);
  e.reported = o.reported;
  return e;
}

std::vector<LedgerRow> ledger_of(const KernelView& view, const Mode& mode) {
  std::vector<LedgerRow> rows;
  for (const ActionText& action : action_texts()) {
    const auto index = static_cast<std::size_t>(action.action);
    if (index >= view.by_action.size()) break;
    const KernelView::Row& row = view.by_action[index];
    const bool unit_action = action.action == mode.unit_action;
    if (row.kernel_tasks == 0 && !unit_action) continue;
    rows.push_back(
        {std::string(action.key), std::string(action.title), row.kernel_tasks, row.sharing_mm});
  }
  return rows;
}

result::ResultSet summarize(const Plan& plan, std::span<const Observation> observations,
                            const Machine& machine) {
  result::ResultSet set;
  set.host = machine.host;
  set.skipped = plan.skipped;
  for (const Mode* mode : plan.modes) {
    std::vector<const Observation*> runs;
    for (const Observation& o : observations) {
      if (o.experiment.mode == mode && o.start_ns != 0) runs.push_back(&o);
    }
    const auto planned = std::count_if(plan.experiments.begin(), plan.experiments.end(),
                                       [&](const Experiment& e) { return e.mode == mode; });
    if (static_cast<std::ptrdiff_t>(runs.size()) != planned) set.partial = true;
    if (runs.empty()) {
      set.skipped.push_back({std::string(plan.experiments.front().scenario->name),
                             std::string(mode->name), "stopped before it began"});
      continue;
    }
    set.results.push_back(summarize_mode(runs, machine));
    set.partial = set.partial || set.results.back().partial;
  }
  return set;
}

}  // namespace vtlab::lab
