// metrics.h — the quantities of one Observation, each with its unit and source. For lab, prove and explain.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "lab/observe.h"

namespace vtlab::lab {

/// A value, or why there is none.
struct Reading {
  std::optional<double> value;
  std::string missing_because;
};

struct MetricKind {
  std::string key;
  std::string title;
  std::string unit;
  std::function<std::string(const Observation&)> source;
  std::function<Reading(const Observation&, const Machine&)> read;
  /// Does the quantity make sense in this scenario? If not it is left out, which says less than "absent".
  std::function<bool(const Scenario&)> applies = [](const Scenario&) { return true; };
  /// The same for what must be asked for: else it is no row of `run`, and never a quantity of `compare`.
  std::function<bool(const Experiment&)> asked_for = nullptr;
};

/// Every metric, in the order in which they are shown. To add one, add a row in metrics.cpp.
std::span<const MetricKind> metric_kinds();

/// A number that the scenario found out for itself.
MetricKind reported_kind(const Reported& number);

std::uint64_t units_done(const Observation& observation);
/// That there should have been: all, or those that were started before one was refused.
std::uint64_t units_expected(const Observation& observation);

}  // namespace vtlab::lab
