// compare.h — trials → what can be said of them: medians, intervals, outliers, verdicts, growth. Pure.
#pragma once

#include <span>

#include "lab/series.h"
#include "lab/sweep.h"
#include "lab/trial.h"

namespace vtlab::lab {

/// Fills what follows from the trials: sizes and growth of every quantity of `comparison`, and its runs. All
/// else must be filled in: contenders, baseline, paired, rounds, confidence, host and the quantities' texts.
void compare(result::Comparison& comparison, std::span<const Trial> trials);

/// Of fresh runs. `words`: which quantities (quantities.h).
result::Comparison compare_series(const SweepRequest& request, const Sweep& sweep,
                                  const Series& series, const Machine& machine,
                                  const std::string& baseline, std::span<const std::string> words);

}  // namespace vtlab::lab
