#include "prove/judging.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "lab/metrics.h"
#include "lab/summarize.h"

namespace vtlab::prove {
namespace {

double at(const std::vector<double>& sorted, double fraction) {
  return sorted[static_cast<std::size_t>(fraction * static_cast<double>(sorted.size() - 1) + 0.5)];
}

// Half of the rounds lie within a factor of two.
bool agree(const Ratio& r) {
  return r.third_quarter <= 2 * r.first_quarter;
}

Check noisy(const std::string& seen) {
  return {Verdict::not_testable_here, seen + ": the rounds differ too much to say"};
}

}  // namespace

Check judge_by(const Claim& claim, const Shown& shown, std::size_t trial) {
  Check worst{Verdict::holds, {}};
  for (const lab::Observation* run : shown.runs[trial]) {
    const Check check = judge(claim, lab::evidence_of(*run));
    if (worst.because.empty() || is_worse(check.verdict, worst.verdict)) worst = check;
  }
  return worst;
}

std::optional<double> wall_ns(const lab::Observation& o) {
  return static_cast<double>(o.end_ns - o.start_ns);
}

std::optional<double> switches(const lab::Observation& o) {
  if (!o.kernel.switches) return std::nullopt;
  return static_cast<double>(*o.kernel.switches);
}

Quantity metric(std::string_view key) {
  for (const lab::MetricKind& kind : lab::metric_kinds()) {
    if (kind.key != key) continue;
    return [read = kind.read](const lab::Observation& o) { return read(o, lab::Machine{}).value; };
  }
  return [](const lab::Observation&) { return std::nullopt; };
}

std::optional<std::uint64_t> caused(const lab::Observation& o, Action action) {
  const auto index = static_cast<std::size_t>(action);
  if (index >= o.kernel.by_action.size()) return std::nullopt;
  return o.kernel.by_action[index].kernel_tasks;
}

std::optional<std::uint64_t> reported(const lab::Observation& o, std::string_view key) {
  const auto found = o.reported.find(std::string(key));
  return found == o.reported.end() ? std::nullopt : std::optional(found->second);
}

std::optional<double> median_latency_ns(const lab::Observation& o) {
  std::vector<double> times;
  for (const lab::UnitFacts& unit : o.units)
    if (unit.finished_ns) times.push_back(static_cast<double>(unit.finished_ns - unit.asked_ns));
  if (times.empty()) return std::nullopt;
  std::sort(times.begin(), times.end());
  return at(times, 0.5);
}

std::optional<Ratio> ratio(const Shown& shown, std::size_t above, std::size_t below,
                           const Quantity& quantity) {
  const auto &over = shown.runs[above], &under = shown.runs[below];
  std::vector<double> ratios;
  for (std::size_t round = 0; round < std::min(over.size(), under.size()); ++round) {
    const auto a = quantity(*over[round]), b = quantity(*under[round]);
    if (!a || !b || *b == 0) return std::nullopt;
    ratios.push_back(*a / *b);
  }
  if (ratios.empty()) return std::nullopt;
  std::sort(ratios.begin(), ratios.end());
  return Ratio{ratios.front(),   at(ratios, 0.25), at(ratios, 0.5),
               at(ratios, 0.75), ratios.back(),    ratios.size()};
}

std::optional<double> median(const Shown& shown, std::size_t trial, const Quantity& quantity) {
  std::vector<double> values;
  for (const lab::Observation* run : shown.runs[trial]) {
    const auto value = quantity(*run);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  std::sort(values.begin(), values.end());
  return at(values, 0.5);
}

std::string to_text(double number) {
  char text[32];
  std::snprintf(text, sizeof(text),
                number >= 100  ? "%.0f"
                : number >= 10 ? "%.1f"
                               : "%.2f",
                number);
  return text;
}

std::string to_text(const Ratio& r) {
  return to_text(r.median) + " (" + to_text(r.low) + "–" + to_text(r.high) + " in " +
         std::to_string(r.rounds) + (r.rounds == 1 ? " round)" : " rounds)");
}

Check at_most(const Ratio& r, double limit, const std::string& seen) {
  if (r.third_quarter <= limit || (r.median <= limit && agree(r))) return {Verdict::holds, seen};
  return r.first_quarter > limit ? Check{Verdict::refuted, seen} : noisy(seen);
}

Check at_least(const Ratio& r, double limit, const std::string& seen) {
  if (r.first_quarter >= limit || (r.median >= limit && agree(r))) return {Verdict::holds, seen};
  return r.third_quarter < limit ? Check{Verdict::refuted, seen} : noisy(seen);
}

Check if_there(const Shown& shown, std::size_t trial, const std::function<Check()>& judge) {
  if (!shown.runs[trial].empty()) return judge();
  const auto why = shown.lacks.find(trial);
  return {Verdict::holds,
          why == shown.lacks.end() ? "not tried with another runtime" : why->second};
}

std::string what_lacks(const Shown& shown) {
  std::string text;
  for (const auto& [trial, why] : shown.lacks)
    if (text.find(why) == std::string::npos) text += "; " + why;
  return text;
}

Check all_of(std::initializer_list<Check> parts) {
  Check all{Verdict::holds, {}};
  for (const Check& part : parts) {
    if (is_worse(part.verdict, all.verdict)) all.verdict = part.verdict;
    all.because += (all.because.empty() ? "" : "; ") + part.because;
  }
  return all;
}

}  // namespace vtlab::prove
