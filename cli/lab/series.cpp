#include "lab/series.h"

namespace vtlab::lab {

Series run_series(std::span<const Experiment> experiments, Observer& observer, Signals& signals,
                  const Surroundings& surroundings, const std::function<void()>& ended) {
  Series series;
  for (const Experiment& experiment : experiments) {
    try {
      series.observations.push_back(observe(experiment, observer, signals, surroundings));
    } catch (...) {
      if (series.observations.empty()) throw;
      series.could_not_begin = std::current_exception();
      break;
    }
    ended();
    if (series.observations.back().ending != Ending::done) break;
  }
  return series;
}

}  // namespace vtlab::lab
