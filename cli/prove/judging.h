// judging.h — what judges have in common: claims of single runs, and ratios of repeated ones.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "prove/proof.h"
#include "scenarios/claim.h"

namespace vtlab::prove {

/// The claim, which is about one run, judged by every run of that trial: refuted by one, held by all.
Check judge_by(const Claim& claim, const Shown& shown, std::size_t trial = 0);

/// Why the records of a run prove nothing; nothing if they are all there. `otherwise`: if they do not say.
template <class Records>
std::optional<Check> no_records(const result::Detail<Records>& detail, const char* otherwise) {
  if (detail.value && detail.value->void_because.empty()) return std::nullopt;
  std::string because = detail.value ? detail.value->void_because : detail.missing_because;
  if (because.empty()) because = otherwise;
  return Check{Verdict::not_testable_here, std::move(because)};
}

/// A quantity of one run; nothing if it was not observed.
using Quantity = std::function<std::optional<double>(const lab::Observation&)>;

std::optional<double> wall_ns(const lab::Observation& observation);
std::optional<double> switches(const lab::Observation& observation);  ///< sched_switch of the tree
/// The quantity that `vtlab run` shows under that key; see lab/metrics.h.
Quantity metric(std::string_view key);
/// The number that the workload reported under that key.
std::optional<std::uint64_t> reported(const lab::Observation& observation, std::string_view key);
/// Half of the units took no longer, from "asked for" to "finished".
std::optional<double> median_latency_ns(const lab::Observation& observation);

/// Quantity of one trial ÷ that of another, in each round of the series; sorted in place of the rounds' order.
struct Ratio {
  double low = 0, first_quarter = 0, median = 0, third_quarter = 0, high = 0;
  std::size_t rounds = 0;
};
/// Nothing if the quantity was not observed in some round, or was 0 below the line.
std::optional<Ratio> ratio(const Shown& shown, std::size_t above, std::size_t below,
                           const Quantity& quantity);

/// Of all runs of a trial; nothing if one of them lacks it.
std::optional<double> median(const Shown& shown, std::size_t trial, const Quantity& quantity);

/// "3.2 (2.9–3.4 in 5 rounds)"
std::string to_text(const Ratio& ratio);
std::string to_text(double number);  ///< three significant digits

/// Whether the ratio is at most, or at least, the limit. Holds by the median if half of the rounds lie within a
/// factor of two, else only if the worse quarter agrees; refuted only if the better quarter denies it as
/// well; between them the machine is too noisy to say.
Check at_most(const Ratio& ratio, double limit, const std::string& seen);
Check at_least(const Ratio& ratio, double limit, const std::string& seen);

/// Number of one action's new kernel tasks.
std::optional<std::uint64_t> caused(const lab::Observation& observation, Action action);

/// The part of a proof that rests on a trial that may lack: what the judge says, or that it was not tried, and why,
/// which is nothing against the rest.
Check if_there(const Shown& shown, std::size_t trial, const std::function<Check()>& judge);

/// "; Go was not found": why there are no runs of trials that may lack, each reason once; empty if none lacks.
std::string what_lacks(const Shown& shown);

/// Of several parts of one proof: refuted beats not testable beats holds; the texts are joined.
Check all_of(std::initializer_list<Check> parts);

}  // namespace vtlab::prove
