#include <algorithm>

#include "lab/quantities.h"
#include "lab/summarize.h"
#include "lab/trial.h"

namespace vtlab::lab {
namespace {

Run run_of(const Observation& o, std::uint32_t warm_up, const Machine& machine) {
  Run run;
  run.round = o.experiment.repetition - warm_up + 1;
  run.wall_ns = o.end_ns - o.start_ns;
  run.conditions = o.conditions;
  for (const MetricKind& kind : quantity_kinds(*o.experiment.scenario))
    run.readings[kind.key] = kind.read(o, machine);
  return run;
}

}  // namespace

std::vector<Trial> trials_of(std::span<const Observation> observations, std::uint32_t warm_up,
                             const Machine& machine) {
  std::vector<Trial> trials;
  for (const Observation& o : observations) {
    const std::string mode(o.experiment.mode->name);
    auto trial = std::find_if(trials.begin(), trials.end(), [&](const Trial& t) {
      return t.contender == mode && t.tasks == o.experiment.params.tasks;
    });
    if (trial == trials.end())
      trial = trials.insert(trials.end(), {mode, o.experiment.params.tasks, {}});
    if (o.experiment.repetition >= warm_up && why_no_answer(o).empty())
      trial->runs.push_back(run_of(o, warm_up, machine));
  }
  return trials;
}

}  // namespace vtlab::lab
