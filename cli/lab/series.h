// series.h — runs experiments one after the other and keeps what was measured, whatever happens.
#pragma once

#include <exception>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "lab/observe.h"

namespace vtlab::lab {

/// What is left out when a run fails. An interrupt ends the series in any case.
enum class AfterFailure {
  stop,       ///< everything
  leave_out,  ///< the same mode with as many units or more; the failure is an answer, too
};

struct Failure {
  const Mode* mode;
  std::uint32_t tasks;
  std::string because;
};

struct Series {
  std::vector<Observation>
      observations;  ///< in the order of the experiments; the last may be cut short
  /// Why the next one could not begin; null if all were run, or one was interrupted or failed.
  std::exception_ptr could_not_begin;
  std::vector<Failure> failures;  ///< with AfterFailure::leave_out

  bool interrupted() const {
    return !observations.empty() && observations.back().ending == Ending::interrupted;
  }
};

/// `ended` is called after each experiment, also after one that is left out. Errors: those of observe() if not
/// even the first could begin.
Series run_series(std::span<const Experiment> experiments, Observer& observer, Signals& signals,
                  const Surroundings& surroundings, const std::function<void()>& ended,
                  AfterFailure after = AfterFailure::stop);

}  // namespace vtlab::lab
