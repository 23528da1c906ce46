#include "lab/compare_saved.h"

#include <algorithm>
#include <set>

#include "lab/compare.h"
#include "lab/error.h"
#include "lab/quantities.h"
#include "scenarios/catalogue.h"
#include "statistics/statistics.h"

namespace vtlab::lab {
namespace {

using result::Comparison;
using result::Metric;
using result::Result;

std::string contender_name(std::span<const SavedRuns> files, const SavedRuns& file,
                           const Result& of) {
  const auto has_mode = [&](const SavedRuns& other) {
    return std::any_of(other.results.results.begin(), other.results.results.end(),
                       [&](const Result& r) { return r.mode == of.mode; });
  };
  const bool elsewhere = std::count_if(files.begin(), files.end(), has_mode) > 1;
  return elsewhere ? of.mode + "@" + file.name : of.mode;
}

std::uint64_t tasks_of(const Result& result) {
  for (const result::Param& param : result.params)
    if (param.key == "tasks" && std::holds_alternative<std::uint64_t>(param.value))
      return std::get<std::uint64_t>(param.value);
  return 0;
}

std::string text(const result::Param& param) {
  const auto* number = std::get_if<std::uint64_t>(&param.value);
  return number ? std::to_string(*number) : std::get<std::string>(param.value);
}

// What must be the same for a ratio to be one of modes; the number of units is what is swept over.
std::vector<result::Param> settings(const Result& result) {
  std::vector<result::Param> out;
  for (const result::Param& param : result.params)
    if (param.key != "tasks" && param.key != "repeat" && param.key != "seed") out.push_back(param);
  return out;
}

Reading reading(const Metric& metric, std::size_t repetition, std::size_t repetitions) {
  if (!metric.value) return {std::nullopt, metric.missing_because};
  if (metric.values.size() == repetitions) return {metric.values[repetition], {}};
  if (repetitions == 1) return {*metric.value, {}};
  return {std::nullopt, "the file has only its median and extremes, not each repetition"};
}

Trial trial(const std::string& contender, const Result& result) {
  Trial out{contender, tasks_of(result), {}};
  const std::size_t repetitions = result.repetitions.size();
  for (std::size_t i = 0; i < repetitions; ++i) {
    const result::Repetition& repetition = result.repetitions[i];
    Run run;
    run.round = i + 1;
    run.wall_ns = repetition.wall_ns;
    run.readings["wall_ns"] = {static_cast<double>(repetition.wall_ns), {}};
    Reading& tasks = run.readings["kernel_tasks"];
    if (repetition.kernel_tasks)
      tasks.value = static_cast<double>(*repetition.kernel_tasks);
    else
      tasks.missing_because = result.kernel_tasks_missing_because;
    for (const Metric& metric : result.metrics)
      run.readings[metric.key] = reading(metric, i, repetitions);
    out.runs.push_back(std::move(run));
  }
  return out;
}

void add_quantity(Comparison& comparison, const Metric& metric, const Scenario* scenario,
                  std::span<const std::string> words) {
  const bool known = std::any_of(comparison.quantities.begin(), comparison.quantities.end(),
                                 [&](const auto& quantity) { return quantity.key == metric.key; });
  if (known || !is_asked_for(metric.key, scenario, words)) return;
  comparison.quantities.push_back(
      {metric.key, metric.title, metric.unit, metric.source, is_counted(metric.key), {}, {}});
}

void add_quantities(Comparison& comparison, const Result& result,
                    std::span<const std::string> words) {
  const Scenario* scenario = find_scenario(result.scenario);
  add_quantity(comparison, {"kernel_tasks", "kernel tasks", "count", result.observer}, scenario,
               words);
  add_quantity(comparison, {"wall_ns", "wall time", "ns", "from the gate until the work was done"},
               scenario, words);
  for (const Metric& metric : result.metrics) add_quantity(comparison, metric, scenario, words);
}

// What two files do not have in common, in words; each is a reason why a ratio between them is not of modes alone.
void note_differences(Comparison& comparison, const SavedRuns& first, const SavedRuns& other) {
  const result::Host &a = first.results.host, &b = other.results.host;
  std::string all;
  const auto differ = [&](const std::string& what, const std::string& of_a,
                          const std::string& of_b) {
    if (of_a != of_b) all += (all.empty() ? "" : ", ") + what + " " + of_b + " against " + of_a;
  };
  differ("kernel", a.kernel, b.kernel);
  differ("machine", a.machine, b.machine);
  differ("CPUs", std::to_string(a.cpus), std::to_string(b.cpus));
  differ("bytes of memory", std::to_string(a.memory_bytes), std::to_string(b.memory_bytes));
  differ("distribution", a.distribution, b.distribution);
  differ("vtlab", a.vtlab_version, b.vtlab_version);
  differ("observer", first.results.results.front().observer,
         other.results.results.front().observer);
  for (const result::Param& of_a : settings(first.results.results.front()))
    for (const result::Param& of_b : settings(other.results.results.front()))
      if (of_a.key == of_b.key) differ(of_a.key, text(of_a), text(of_b));
  if (!all.empty())
    comparison.notes.push_back(other.name + " was measured under other conditions than " +
                               first.name + ": " + all +
                               "; ratios between them are not of the modes alone");
}

void check(std::span<const SavedRuns> files) {
  const Result* first = nullptr;
  for (const SavedRuns& file : files) {
    if (file.results.results.empty())
      throw Error(ExitCode::usage, file.name + " has no results", {"nothing was run"});
    for (const Result& result : file.results.results) {
      if (!first) first = &result;
      if (result.scenario != first->scenario)
        throw Error(ExitCode::usage, "only runs of one scenario can be compared",
                    {"there are " + first->scenario + " and " + result.scenario});
    }
  }
}

}  // namespace

std::vector<result::Contender> contenders_of(std::span<const SavedRuns> files) {
  std::vector<result::Contender> contenders;
  for (const SavedRuns& file : files) {
    for (const Result& result : file.results.results) {
      const std::string name = contender_name(files, file, result);
      if (std::none_of(contenders.begin(), contenders.end(),
                       [&](const auto& other) { return other.name == name; }))
        contenders.push_back({name, result.mode_title});
    }
  }
  return contenders;
}

Comparison compare_saved(std::span<const SavedRuns> files, const std::string& baseline,
                         std::span<const std::string> words) {
  check(files);
  Comparison comparison;
  comparison.contenders = contenders_of(files);
  if (comparison.contenders.size() < 2)
    throw Error(ExitCode::usage, "nothing to compare: only one mode",
                {"the file has only '" + comparison.contenders.front().name + "'"},
                {"vtlab compare " + files.front().name + ".json OTHER.json"});
  const Result& first = files.front().results.results.front();
  comparison.host = files.front().results.host;
  comparison.scenario = first.scenario;
  comparison.observer = first.observer;
  comparison.params = settings(first);
  comparison.paired = files.size() == 1;  // `run` takes its modes in turns
  comparison.confidence = statistics::kConfidence;
  comparison.baseline = baseline;
  std::vector<Trial> trials;
  for (const SavedRuns& file : files) {
    for (const Result& result : file.results.results) {
      const std::string name = contender_name(files, file, result);
      if (result.partial) {
        comparison.stops.push_back({name, tasks_of(result), result.partial_because});
        continue;
      }
      add_quantities(comparison, result, words);
      comparison.rounds = std::max<std::uint64_t>(comparison.rounds, result.repetitions.size());
      trials.push_back(trial(name, result));
    }
    for (const result::Skip& skip : file.results.skipped) comparison.skipped.push_back(skip);
    if (&file != &files.front()) note_differences(comparison, files.front(), file);
  }
  if (!comparison.paired)
    comparison.notes.push_back(
        "the files were measured one after the other and not in turns: what else the machines did "
        "meanwhile may be part of every difference");
  compare(comparison, trials);
  return comparison;
}

}  // namespace vtlab::lab
