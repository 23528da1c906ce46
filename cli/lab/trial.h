// trial.h — what was measured of one contender at one size, reduced to numbers: what fresh runs and saved ones
// have in common. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "lab/conditions.h"
#include "lab/metrics.h"

namespace vtlab::lab {

/// One run that counts.
struct Run {
  std::uint64_t round = 0;  ///< from 1; runs of one round were made right after each other
  std::uint64_t wall_ns = 0;
  std::map<std::string, Reading> readings;  ///< by the key of a quantity
  Conditions conditions;
};

struct Trial {
  std::string contender;
  std::uint64_t tasks = 0;
  std::vector<Run> runs;  ///< in the order of their rounds
};

/// Fresh runs as trials, without those of the first `warm_up` rounds and those that have no answer. A trial
/// may be empty; there is one for each mode and size among the observations.
std::vector<Trial> trials_of(std::span<const Observation> observations, std::uint32_t warm_up,
                             const Machine& machine);

}  // namespace vtlab::lab
