#include "lab/sweep.h"

#include <algorithm>
#include <random>

#include "lab/error.h"

namespace vtlab::lab {
namespace {

struct Pair {
  const Mode* mode;
  std::uint32_t tasks;
};

std::string why_it_stops(const Request& request, const Mode& mode, const Machine& machine) {
  const Params params = params_in(mode, request);
  const std::string_view no = why_not(*request.scenario, mode, params);
  return no.empty() ? why_too_big(*request.scenario, mode, params, machine) : std::string(no);
}

}  // namespace

Sweep plan_sweep(const SweepRequest& asked, const Machine& machine) {
  Request request = asked.request;
  request.params.tasks = asked.sizes.front();
  const Plan smallest = plan(request, machine);
  Sweep sweep;
  sweep.modes = smallest.modes;
  sweep.skipped = smallest.skipped;
  if (sweep.modes.size() < 2) {
    std::vector<std::string> why{
        sweep.modes.empty() ? "no mode is left"
                            : "only '" + std::string(sweep.modes.front()->name) + "' is left"};
    for (const result::Skip& skip : sweep.skipped) why.push_back(skip.mode + ": " + skip.because);
    throw Error(
        ExitCode::usage, "nothing to compare", std::move(why),
        {"vtlab compare " + std::string(request.scenario->name) + " --mode=virtual,platform"});
  }
  std::vector<Pair> pairs;
  for (const Mode* mode : sweep.modes) {
    for (const std::uint32_t tasks : asked.sizes) {
      request.params.tasks = tasks;
      const std::string because = why_it_stops(request, *mode, machine);
      if (!because.empty()) {
        sweep.stops.push_back({std::string(mode->name), tasks, because});
        break;  // needs grow with units
      }
      pairs.push_back({mode, tasks});
    }
  }
  // A slow minute of the machine hits all alike, and nobody always comes after the same other.
  std::mt19937_64 random(request.params.seed);
  for (std::uint32_t round = 0; round < asked.warm_up + request.repeat; ++round) {
    std::shuffle(pairs.begin(), pairs.end(), random);
    for (const Pair& pair : pairs) {
      request.params.tasks = pair.tasks;
      sweep.experiments.push_back(experiment(request, *pair.mode, round));
    }
  }
  return sweep;
}

}  // namespace vtlab::lab
