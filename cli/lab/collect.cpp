#include "lab/collect.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lab/quantities.h"
#include "statistics/statistics.h"

namespace vtlab::lab {
namespace {

using result::CollectedClaim;
using result::CollectedGroup;
using result::CollectedMetric;
using result::CollectedMode;
using result::CollectedValue;
using result::Collection;
using result::Metric;
using result::Observed;
using result::Result;
using result::ResultSet;

// Chosen by vtlab for the machine, so machines may differ in them and still do the same work.
constexpr std::array<std::string_view, 3> kOfTheMachine = {"carriers", "procs", "poller"};
// How often it was done, and in which order: no part of the work.
constexpr std::array<std::string_view, 2> kOfTheRun = {"repeat", "seed"};

bool is_one_of(std::span<const std::string_view> keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

std::string text(const result::Param& param) {
  const auto* number = std::get_if<std::uint64_t>(&param.value);
  return number ? std::to_string(*number) : std::get<std::string>(param.value);
}

std::string observed_thing(const Observed& observed) {
  std::string command;
  for (const std::string& word : observed.command) command += (command.empty() ? "" : " ") + word;
  if (!command.empty()) return command;
  return observed.cgroup.empty() ? "a running process" : observed.cgroup;
}

const result::Host& host_of(const result::Document& document) {
  return std::visit(
      [](const auto& one) -> const result::Host& {
        if constexpr (requires { one.host; })
          return one.host;
        else
          return one.documents.front().host;
      },
      document);
}

std::string observer_of(const result::Document& document) {
  if (const auto* observed = std::get_if<Observed>(&document)) return observed->observer;
  const auto* runs = std::get_if<ResultSet>(&document);
  return runs && !runs->results.empty() ? runs->results.front().observer : "";
}

CollectedGroup& group_of(Collection& to, const std::string& scenario, const std::string& observed,
                         std::vector<result::Param> params) {
  const auto same = [&](const CollectedGroup& group) {
    return group.scenario == scenario && group.observed == observed &&
           std::equal(
               group.params.begin(), group.params.end(), params.begin(), params.end(),
               [](const auto& a, const auto& b) { return a.key == b.key && a.value == b.value; });
  };
  const auto known = std::find_if(to.groups.begin(), to.groups.end(), same);
  if (known != to.groups.end()) return *known;
  CollectedGroup& fresh = to.groups.emplace_back();
  fresh.scenario = scenario;
  fresh.observed = observed;
  fresh.params = std::move(params);
  return fresh;
}

template <class T, class Is, class Make>
T& find_or_add(std::vector<T>& all, Is is, Make make) {
  const auto known = std::find_if(all.begin(), all.end(), is);
  return known != all.end() ? *known : all.emplace_back(make());
}

void add_value(CollectedMode& mode, const Metric& metric, CollectedValue value) {
  CollectedMetric& to = find_or_add(
      mode.metrics, [&](const auto& known) { return known.key == metric.key; },
      [&] {
        return CollectedMetric{metric.key, metric.title, metric.unit, is_counted(metric.key),
                               {},         {},           {},          {}};
      });
  // The same mode may be several times in one file; the first one counts.
  const auto there = [&](const auto& other) { return other.document == value.document; };
  if (std::none_of(to.values.begin(), to.values.end(), there))
    to.values.push_back(std::move(value));
}

void add_metric(CollectedMode& mode, std::size_t document, const Metric& metric,
                const std::string& unusable_because) {
  CollectedValue value{document, metric.value, metric.values, metric.missing_because, false, {}};
  if (!unusable_because.empty()) value = {document, {}, {}, unusable_because, false, {}};
  add_value(mode, metric, std::move(value));
}

void add_verdict(std::vector<CollectedClaim>& claims, std::size_t document,
                 const result::ClaimCheck& check) {
  CollectedClaim& claim = find_or_add(
      claims, [&](const auto& known) { return known.id == check.id; },
      [&] {
        return CollectedClaim{check.id, check.statement, {}};
      });
  const auto there = [&](const auto& other) { return other.document == document; };
  if (std::none_of(claim.verdicts.begin(), claim.verdicts.end(), there))
    claim.verdicts.push_back({document, check.verdict, check.because});
}

void note_member(CollectedGroup& group, std::size_t document) {
  if (group.documents.empty() || group.documents.back() != document)
    group.documents.push_back(document);
}

void add_run(Collection& to, std::size_t document, const Result& run) {
  std::vector<result::Param> params;
  for (const result::Param& param : run.params)
    if (!is_one_of(kOfTheMachine, param.key) && !is_one_of(kOfTheRun, param.key))
      params.push_back(param);
  CollectedGroup& group = group_of(to, run.scenario, {}, std::move(params));
  note_member(group, document);
  CollectedMode& mode = find_or_add(
      group.modes, [&](const auto& known) { return known.name == run.mode; },
      [&] {
        return CollectedMode{run.mode, run.mode_title, {}, {}};
      });
  const std::string unusable = run.partial ? "partial: " + run.partial_because : "";
  Metric tasks{"kernel_tasks", "kernel tasks", "count", {}, {}, {}, {}, {}, {}};
  tasks.missing_because = run.kernel_tasks_missing_because;
  if (run.kernel_tasks) tasks.value = static_cast<double>(*run.kernel_tasks);
  Metric wall{"wall_ns", "wall time", "ns", {}, static_cast<double>(run.wall_ns), {}, {}, {}, {}};
  if (run.repetitions.size() > 1) {
    for (const result::Repetition& one : run.repetitions) {
      wall.values.push_back(static_cast<double>(one.wall_ns));
      if (one.kernel_tasks) tasks.values.push_back(static_cast<double>(*one.kernel_tasks));
    }
  }
  if (!tasks.values.empty()) tasks.value = statistics::median(tasks.values);
  add_metric(mode, document, tasks, unusable);
  add_metric(mode, document, wall, unusable);
  for (const Metric& metric : run.metrics) add_metric(mode, document, metric, unusable);
  for (const result::ClaimCheck& check : run.claims) add_verdict(mode.claims, document, check);
}

void add_observation(Collection& to, std::size_t document, const Observed& observed) {
  CollectedGroup& group = group_of(to, {}, observed_thing(observed), {});
  note_member(group, document);
  CollectedMode& mode = group.modes.empty() ? group.modes.emplace_back() : group.modes.front();
  const std::string unusable =
      observed.void_because.empty() ? "" : "void: " + observed.void_because;
  for (const Metric& metric : observed.counts) add_metric(mode, document, metric, unusable);
  Metric wall{
      "wall_ns", "observed for", "ns", {}, static_cast<double>(observed.wall_ns), {}, {}, {}, {}};
  add_metric(mode, document, wall, {});
  if (observed.partial)
    to.notes.push_back(to.documents[document].name +
                       " is of a part only: " + observed.partial_because);
}

// ---- what the values say together ----

result::Against against(const CollectedMetric& metric, const CollectedValue& first,
                        const CollectedValue& other) {
  result::Against out;
  if (*first.value > 0 && *other.value > 0) out.ratio = *other.value / *first.value;
  if (first.values.size() < 2 || other.values.size() < 2) {
    if (metric.counted)
      out.difference = *other.value < *first.value   ? result::Difference::lower
                       : *other.value > *first.value ? result::Difference::higher
                                                     : result::Difference::none_shown;
    else
      out.because = "one run of each cannot show more than that they differ";
    return out;
  }
  const statistics::Comparison found = metric.counted
                                           ? statistics::compare_counts(other.values, first.values)
                                           : statistics::compare_apart(other.values, first.values);
  out.difference = found.order == statistics::Order::lower    ? result::Difference::lower
                   : found.order == statistics::Order::higher ? result::Difference::higher
                                                              : result::Difference::none_shown;
  if (found.ratio) out.ratio = found.ratio;
  if (found.interval)
    out.interval = {found.interval->low, found.interval->high, found.interval->confidence};
  else if (out.difference == result::Difference::none_shown && !metric.counted)
    out.because = "fewer than " + std::to_string(statistics::fewest_values()) +
                  " repetitions cannot show a difference";
  return out;
}

void sum_up(CollectedMetric& metric) {
  std::vector<CollectedValue*> there;
  std::vector<double> values;
  for (CollectedValue& value : metric.values) {
    if (!value.value) continue;
    there.push_back(&value);
    values.push_back(*value.value);
  }
  if (values.empty()) return;
  metric.least = *std::min_element(values.begin(), values.end());
  metric.most = *std::max_element(values.begin(), values.end());
  metric.median = statistics::median(values);
  for (const std::size_t place : statistics::outliers(values)) there[place]->apart = true;
  for (std::size_t i = 1; i < there.size(); ++i)
    there[i]->against = against(metric, *there.front(), *there[i]);
}

// ---- in what documents differ ----

void differ(Collection& to, const std::string& title, std::vector<std::string> values) {
  if (std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) != values.end())
    to.differ.push_back({title, std::move(values)});
}

std::string param_of(const result::Document& document, std::string_view key) {
  std::string found;
  if (const auto* runs = std::get_if<ResultSet>(&document))
    for (const Result& run : runs->results)
      for (const result::Param& param : run.params)
        if (param.key == key && found.empty()) found = text(param);
  return found;
}

// "2026-11-23T01:49:36Z" as "2026-11-23 01:49"
std::string to_the_minute(std::string time) {
  constexpr std::size_t kMinute = 16, kT = 10;
  if (time.size() < kMinute || time[kT] != 'T') return time;
  time[kT] = ' ';
  return time.substr(0, kMinute);
}

void add_differences(Collection& to, std::span<const SavedDocument> documents) {
  const auto each = [&](const std::string& title, auto value) {
    std::vector<std::string> values;
    for (const SavedDocument& one : documents) values.push_back(value(one.document));
    differ(to, title, std::move(values));
  };
  each("kernel", [](const auto& d) { return host_of(d).kernel; });
  each("machine", [](const auto& d) { return host_of(d).machine; });
  each("CPUs", [](const auto& d) { return std::to_string(host_of(d).cpus); });
  each("memory, MiB", [](const auto& d) { return std::to_string(host_of(d).memory_bytes >> 20); });
  each("system", [](const auto& d) { return host_of(d).distribution; });
  each("vtlab", [](const auto& d) { return host_of(d).vtlab_version; });
  each("observer", [](const auto& d) { return observer_of(d); });
  for (const std::string_view key : kOfTheMachine)
    each(std::string(key), [&](const auto& d) { return param_of(d, key); });
  each("repetitions", [](const auto& d) {
    const auto* runs = std::get_if<ResultSet>(&d);
    if (!runs || runs->results.empty()) return std::string();
    return std::to_string(std::max<std::size_t>(1, runs->results.front().repetitions.size()));
  });
  each("started", [](const auto& d) { return to_the_minute(host_of(d).started_at); });
}

}  // namespace

Collection collect(std::span<const SavedDocument> documents) {
  Collection out;
  for (const SavedDocument& one : documents)
    out.documents.push_back({one.name, one.file, host_of(one.document), observer_of(one.document)});
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (const auto* observed = std::get_if<Observed>(&documents[i].document))
      add_observation(out, i, *observed);
    const auto* runs = std::get_if<ResultSet>(&documents[i].document);
    if (!runs) continue;
    for (const Result& run : runs->results) add_run(out, i, run);
    for (const result::ClaimCheck& check : runs->claims) add_verdict(out.claims, i, check);
    for (const result::Skip& skip : runs->skipped)
      out.notes.push_back("not run in " + documents[i].name + ": " + skip.scenario + " " +
                          skip.mode + ": " + skip.because);
  }
  for (CollectedGroup& group : out.groups)
    for (CollectedMode& mode : group.modes)
      for (CollectedMetric& metric : mode.metrics) sum_up(metric);
  add_differences(out, documents);
  return out;
}

}  // namespace vtlab::lab
