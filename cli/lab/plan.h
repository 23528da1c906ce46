// plan.h — Request × catalogue × machine → what will be run, in which order, and what will not and
// why. Pure.
#pragma once

#include <optional>
#include <vector>

#include "lab/machine.h"
#include "lab/request.h"

namespace vtlab::lab {

/// One run of one scenario in one mode.
struct Experiment {
  const Scenario* scenario = nullptr;
  const Mode* mode = nullptr;
  std::optional<ForeignStart> foreign;  ///< present exactly if the mode is of another runtime
  Params params;
  std::uint32_t repetition = 0;
  std::uint64_t expected_ns = 0;  ///< what the waiting alone takes; for progress and the time limit
  std::uint64_t timeout_ns = 0;
};

struct Plan {
  std::vector<const Mode*> modes;  ///< those that will be run, in the order of the request
  std::vector<Experiment>
      experiments;  ///< repetitions interleaved: every mode once, then every mode again
  std::vector<result::Skip> skipped;
};

/// The parameters in that mode: its number of Ps, and nothing that it does not have.
Params params_in(const Mode& mode, const Request& request);

/// Errors: lab::Error (machine_cannot) if nothing fits, or if a mode that was asked for by name
/// does not; it names the limit and the largest number of units that fits.
Plan plan(const Request& request, const Machine& machine);

/// Why so many units of a mode do not fit: the limit by name, and the largest number that it allows. Empty: they
/// fit.
std::string why_too_big(const Scenario& scenario, const Mode& mode, const Params& params,
                        const Machine& machine);

/// One run of what was asked for, with its time limit.
Experiment experiment(const Request& request, const Mode& mode, std::uint32_t repetition);

}  // namespace vtlab::lab
