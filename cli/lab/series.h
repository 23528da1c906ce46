// series.h — runs experiments one after the other and keeps what was measured, whatever happens.
#pragma once

#include <exception>
#include <functional>
#include <span>
#include <vector>

#include "lab/observe.h"

namespace vtlab::lab {

struct Series {
  std::vector<Observation>
      observations;  ///< in the order of the experiments; the last may be cut short
  /// Why the next one could not begin; null if all were run, or one was interrupted or failed.
  std::exception_ptr could_not_begin;

  bool interrupted() const {
    return !observations.empty() && observations.back().ending == Ending::interrupted;
  }
};

/// Stops at the first experiment that does not end well. `ended` is called after each. Errors: those of
/// observe() if not even the first could begin.
Series run_series(std::span<const Experiment> experiments, Observer& observer, Signals& signals,
                  const Surroundings& surroundings, const std::function<void()>& ended);

}  // namespace vtlab::lab
