// sweep.h — rounds of every mode at every size, in an order that is drawn: the plan of `vtlab compare`. Pure.
#pragma once

#include <vector>

#include "lab/plan.h"
#include "result/comparison.h"

namespace vtlab::lab {

/// What is compared beside what a Request says; its `repeat` is the number of rounds that count.
struct SweepRequest {
  Request request;
  std::vector<std::uint32_t> sizes;  ///< numbers of units, ascending; at least one
  std::uint32_t warm_up = 0;         ///< rounds before those, which do not count
};

struct Sweep {
  std::vector<const Mode*> modes;  ///< those that fit at the smallest size
  std::vector<Experiment>
      experiments;  ///< round after round; `repetition` counts them, warm-up included
  std::vector<result::Stop> stops;  ///< sizes at which a mode does not fit, the smallest of each
  std::vector<result::Skip> skipped;
};

/// Errors: those of plan() for the smallest size; lab::Error (usage) if fewer than two modes are left.
Sweep plan_sweep(const SweepRequest& request, const Machine& machine);

}  // namespace vtlab::lab
