#include "lab/series.h"

#include <algorithm>

#include "lab/error.h"
#include "lab/summarize.h"

namespace vtlab::lab {
namespace {

bool is_hopeless(const Series& series, const Experiment& experiment) {
  return std::any_of(series.failures.begin(), series.failures.end(), [&](const Failure& failure) {
    return failure.mode == experiment.mode && failure.tasks <= experiment.params.tasks;
  });
}

std::string text_of(const Error& error) {
  std::string text = error.what_failed;
  for (const std::string& why : error.why) text += ": " + why;
  return text;
}

}  // namespace

Series run_series(std::span<const Experiment> experiments, Observer& observer, Signals& signals,
                  const Surroundings& surroundings, const std::function<void()>& ended,
                  AfterFailure after) {
  Series series;
  const auto failed = [&](const Experiment& experiment, std::string because) {
    series.failures.push_back({experiment.mode, experiment.params.tasks, std::move(because)});
  };
  for (const Experiment& experiment : experiments) {
    if (!is_hopeless(series, experiment)) {
      try {
        series.observations.push_back(observe(experiment, observer, signals, surroundings));
        const Observation& last = series.observations.back();
        if (last.ending == Ending::interrupted) break;
        if (after == AfterFailure::stop && last.ending != Ending::done) {
          ended();
          break;
        }
        if (const std::string because = why_no_answer(last);
            after == AfterFailure::leave_out && !because.empty())
          failed(experiment, because);
      } catch (const Error& error) {
        if (series.observations.empty()) throw;
        if (after == AfterFailure::leave_out) {
          failed(experiment, text_of(error));
        } else {
          series.could_not_begin = std::current_exception();
          break;
        }
      } catch (...) {
        if (series.observations.empty()) throw;
        series.could_not_begin = std::current_exception();
        break;
      }
    }
    ended();
  }
  return series;
}

}  // namespace vtlab::lab
