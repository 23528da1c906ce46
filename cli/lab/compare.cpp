#include "lab/compare.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "lab/outliers.h"
#include "lab/quantities.h"
#include "lab/summarize.h"
#include "statistics/statistics.h"

namespace vtlab::lab {
namespace {

using result::Against;
using result::Comparison;
using result::Difference;
using result::Estimate;
using result::Growth;
using result::Quantity;

std::optional<result::Interval> to_result(const std::optional<statistics::Interval>& interval) {
  if (!interval) return std::nullopt;
  return result::Interval{interval->low, interval->high, interval->confidence};
}

const Trial* find(std::span<const Trial> trials, const std::string& contender,
                  std::uint64_t tasks) {
  for (const Trial& trial : trials)
    if (trial.contender == contender && trial.tasks == tasks) return &trial;
  return nullptr;
}

std::string why_not_there(const Comparison& comparison, const std::string& contender,
                          std::uint64_t tasks) {
  for (const result::Stop& stop : comparison.stops)
    if (stop.contender == contender && stop.tasks <= tasks) return stop.because;
  return comparison.partial ? "interrupted before it was measured" : "it was not run at this size";
}

Estimate estimate(const Comparison& comparison, const Quantity& quantity, const Trial* trial,
                  const std::string& contender, std::uint64_t tasks) {
  Estimate e;
  e.contender = contender;
  if (!trial || trial->runs.empty()) {
    e.missing_because = why_not_there(comparison, contender, tasks);
    return e;
  }
  for (const Run& run : trial->runs) {
    const auto found = run.readings.find(quantity.key);
    const bool there = found != run.readings.end() && found->second.value;
    // A value that some run lacks would be a median of the lucky ones.
    if (!there) {
      e.missing_because = found == run.readings.end() || found->second.missing_because.empty()
                              ? "it was not saved"
                              : found->second.missing_because;
      e.rounds.clear();
      e.values.clear();
      return e;
    }
    e.rounds.push_back(run.round);
    e.values.push_back(*found->second.value);
  }
  e.median = statistics::median(e.values);
  if (quantity.counted) return e;
  e.interval = to_result(statistics::median_interval(e.values, comparison.confidence));
  // What happened on the machine explains times and nothing else.
  if (!quantity.unit.starts_with("ns")) return e;
  for (const std::size_t place : statistics::outliers(e.values))
    e.outliers.push_back(
        {e.rounds[place], e.values[place],
         likely_cause(trial->runs, place, e.values[place] > *e.median, comparison.host.cpus)});
  return e;
}

// The values of the rounds in which both were measured, side by side.
struct Pairs {
  std::vector<double> a, b;
};

Pairs pairs(const Estimate& a, const Estimate& b) {
  Pairs both;
  for (std::size_t i = 0; i < a.rounds.size(); ++i) {
    const auto same = std::find(b.rounds.begin(), b.rounds.end(), a.rounds[i]);
    if (same == b.rounds.end()) continue;
    both.a.push_back(a.values[i]);
    both.b.push_back(b.values[static_cast<std::size_t>(same - b.rounds.begin())]);
  }
  return both;
}

Difference to_result(statistics::Order order) {
  return order == statistics::Order::lower    ? Difference::lower
         : order == statistics::Order::higher ? Difference::higher
                                              : Difference::none_shown;
}

Against against(const Comparison& comparison, const Quantity& quantity, const Estimate& e,
                const Estimate& baseline) {
  const Pairs both = pairs(e, baseline);
  statistics::Comparison found;
  double needed = comparison.confidence;
  std::size_t least = both.a.size();
  if (quantity.counted) {
    found = statistics::compare_counts(e.values, baseline.values);
  } else if (comparison.paired) {
    found = statistics::compare_pairs(both.a, both.b, comparison.confidence);
  } else {
    found = statistics::compare_apart(e.values, baseline.values, comparison.confidence);
    needed = 1 - (1 - comparison.confidence) / 2;
    least = std::min(e.values.size(), baseline.values.size());
  }
  Against result{to_result(found.order), {}, found.ratio, to_result(found.interval)};
  const std::size_t fewest = statistics::fewest_values(needed);
  if (!quantity.counted && least < fewest)
    result.because = std::to_string(least) + (least == 1 ? " round is" : " rounds are") +
                     " too few to tell from chance; " + std::to_string(fewest) + " are enough";
  return result;
}

// Of a quantity per unit, the whole.
double whole(const Quantity& quantity, double value, std::uint64_t tasks) {
  return quantity.unit.ends_with("/unit") ? value * static_cast<double>(tasks) : value;
}

// Each round is a sweep of its own, and gives one slope.
std::optional<Growth> growth(const Comparison& comparison, const Quantity& quantity,
                             const std::string& contender) {
  std::set<std::uint64_t> rounds;
  std::vector<double> slopes, powers;
  const auto each_of = [&](auto take) {
    for (const result::Size& size : quantity.sizes)
      for (const Estimate& e : size.estimates)
        for (std::size_t i = 0; e.contender == contender && i < e.rounds.size(); ++i)
          take(e.rounds[i], size.tasks, whole(quantity, e.values[i], size.tasks));
  };
  each_of([&](std::uint64_t round, std::uint64_t, double) { rounds.insert(round); });
  for (const std::uint64_t round : rounds) {
    std::vector<double> x, y, log_x, log_y;
    each_of([&](std::uint64_t of_round, std::uint64_t tasks, double value) {
      if (of_round != round) return;
      x.push_back(static_cast<double>(tasks));
      y.push_back(value);
      if (value <= 0) return;
      log_x.push_back(std::log(static_cast<double>(tasks)));
      log_y.push_back(std::log(value));
    });
    if (const auto slope = statistics::slope(x, y)) slopes.push_back(*slope);
    const auto power = statistics::slope(log_x, log_y);
    if (power && log_x.size() == x.size()) powers.push_back(*power);
  }
  if (slopes.empty()) return std::nullopt;
  Growth result;
  result.contender = contender;
  result.per_unit = statistics::median(slopes);
  if (!quantity.counted)
    result.per_unit_interval =
        to_result(statistics::median_interval(slopes, comparison.confidence));
  if (powers.size() == slopes.size()) result.power = statistics::median(powers);
  return result;
}

void fill(const Comparison& comparison, Quantity& quantity, std::span<const Trial> trials,
          const std::set<std::uint64_t>& sizes) {
  for (const std::uint64_t tasks : sizes) {
    result::Size size{tasks, {}};
    for (const result::Contender& contender : comparison.contenders)
      size.estimates.push_back(estimate(comparison, quantity, find(trials, contender.name, tasks),
                                        contender.name, tasks));
    const auto baseline =
        std::find_if(size.estimates.begin(), size.estimates.end(),
                     [&](const Estimate& e) { return e.contender == comparison.baseline; });
    for (Estimate& e : size.estimates) {
      if (baseline == size.estimates.end() || e.contender == comparison.baseline) continue;
      if (e.median && baseline->median) e.against = against(comparison, quantity, e, *baseline);
    }
    quantity.sizes.push_back(std::move(size));
  }
  if (sizes.size() < 2) return;
  for (const result::Contender& contender : comparison.contenders)
    if (auto grows = growth(comparison, quantity, contender.name))
      quantity.growth.push_back(std::move(*grows));
}

}  // namespace

void compare(Comparison& comparison, std::span<const Trial> trials) {
  std::set<std::uint64_t> sizes;
  std::vector<Run> all;
  for (const Trial& trial : trials) {
    sizes.insert(trial.tasks);
    all.insert(all.end(), trial.runs.begin(), trial.runs.end());
    for (const Run& run : trial.runs)
      comparison.runs.push_back({run.round, trial.contender, trial.tasks, run.wall_ns,
                                 run.conditions.others_cpu_ns, run.conditions.stolen_ns,
                                 run.conditions.major_faults, run.conditions.preempted});
  }
  for (const result::Stop& stop : comparison.stops) sizes.insert(stop.tasks);
  for (Quantity& quantity : comparison.quantities) fill(comparison, quantity, trials, sizes);
  const std::string noisy = why_all_is_noisy(all, comparison.host.cpus);
  if (!noisy.empty()) comparison.notes.push_back(noisy);
}

Comparison compare_series(const SweepRequest& asked, const Sweep& sweep, const Series& series,
                          const Machine& machine, const std::string& baseline,
                          std::span<const std::string> words) {
  const Request& request = asked.request;
  Comparison comparison;
  comparison.host = machine.host;
  comparison.scenario = request.scenario->name;
  comparison.rounds = request.repeat;
  comparison.warm_up = asked.warm_up;
  comparison.confidence = statistics::kConfidence;
  comparison.baseline = baseline;
  comparison.skipped = sweep.skipped;
  comparison.stops = sweep.stops;
  comparison.params.push_back({"carriers", std::uint64_t{request.params.carriers}});
  if (request.procs) comparison.params.push_back({"procs", std::uint64_t{*request.procs}});
  if (request.scenario->defaults.delay_ns)
    comparison.params.push_back({"delay_ns", request.params.delay_ns});
  if (std::any_of(sweep.modes.begin(), sweep.modes.end(),
                  [](const Mode* mode) { return mode->has_poller; }))
    comparison.params.push_back({"poller", std::string(name(request.params.poller))});
  comparison.params.push_back({"seed", request.params.seed});
  for (const Mode* mode : sweep.modes)
    comparison.contenders.push_back({std::string(mode->name), std::string(mode->title)});
  for (const Failure& failure : series.failures)
    comparison.stops.push_back({std::string(failure.mode->name), failure.tasks, failure.because});
  if (series.interrupted()) {
    comparison.partial = true;
    comparison.partial_because = "interrupted";
  }
  if (!series.observations.empty()) {
    const Observation& first = series.observations.front();
    comparison.observer = first.observer;
    for (const MetricKind& kind : quantity_kinds(*request.scenario)) {
      if (!is_asked_for(kind.key, request.scenario, words)) continue;
      comparison.quantities.push_back(
          {kind.key, kind.title, kind.unit, kind.source(first), is_counted(kind.key), {}, {}});
    }
  }
  compare(comparison, trials_of(series.observations, asked.warm_up, machine));
  return comparison;
}

}  // namespace vtlab::lab
