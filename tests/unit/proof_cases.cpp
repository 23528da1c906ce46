#include "support/proof_cases.h"

#include <map>

#include "lab/foreign/start.h"
#include "scenarios/catalogue.h"
#include "support/catch.h"

namespace vtlab::test {
namespace {

std::vector<ProofCase>& registered() {
  static std::vector<ProofCase> cases;
  return cases;
}

// A judge needs no more of a scenario than its name.
const Scenario* scenario_of(const prove::Trial& trial) {
  if (const Scenario* known = find_scenario(trial.scenario)) return known;
  static std::map<std::string_view, Scenario> made_up;
  Scenario& scenario = made_up[trial.scenario];
  scenario.name = trial.scenario;
  return &scenario;
}

lab::Observation plain_run(const prove::Trial& trial) {
  lab::Request request;
  request.scenario = scenario_of(trial);
  const Mode* const mode = mode_named(trial.mode);
  request.modes = {mode};
  if (mode->foreign) request.foreign[mode] = has_runtime(*mode);
  request.params = trial.params;
  if (!request.params.tasks) request.params.tasks = request.scenario->defaults.tasks;
  if (!request.params.carriers) request.params.carriers = 2;
  if (!request.params.delay_ns) request.params.delay_ns = request.scenario->defaults.delay_ns;
  lab::Observation o;
  o.experiment = lab::plan(request, lab::Machine{}).experiments.front();
  o.observer = "ebpf";
  o.main_tid = 10;
  o.start_ns = 1000;
  o.end_ns = o.start_ns + 100 * kMillisecond;
  o.units.assign(request.params.tasks, {1000, 1000 + kMillisecond, 10, 10, 0});
  o.kernel.kernel_tasks = 0;
  o.kernel.by_action.assign(kActionCount, {0, 0});
  o.kernel.switches = 0;
  o.kernel.peak_alive = 1;
  o.at_gate = o.at_end = {10, 1, 1 << 20, 1 << 20, 4 << 20, 4 << 20};
  o.cpu_ns = kMillisecond;
  return o;
}

}  // namespace

ProofCases::ProofCases(std::initializer_list<ProofCase> cases) {
  registered().insert(registered().end(), cases);
}

const std::vector<ProofCase>& proof_cases() {
  return registered();
}

lab::Machine two_cpus() {
  lab::Machine machine;
  machine.host.cpus = 2;
  machine.kernel_stack_bytes = 16384;
  return machine;
}

const Mode* mode_named(std::string_view name) {
  static lab::ForeignModes modes(lab::RuntimePlaces{}, lab::User{});
  return modes.modes(name).front();
}

lab::ForeignStart has_runtime(const Mode& mode) {
  const std::string runtime = "runtime of " + std::string(mode.name);
  return {runtime, {"/runtimes/" + runtime}, {}, {}};
}

Seen plain_runs(const prove::Proof& proof) {
  Seen seen;
  for (const prove::Trial& trial : proof.trials(two_cpus()))
    seen.emplace_back(trial.repeat, plain_run(trial));
  return seen;
}

void make(Seen& seen, std::size_t trial, Action action, std::uint64_t tasks, bool sharing_mm) {
  each(seen, trial, [&](lab::Observation& run) {
    *run.kernel.kernel_tasks += tasks;
    *run.kernel.peak_alive += tasks;
    auto& row = run.kernel.by_action[static_cast<std::size_t>(action)];
    row.kernel_tasks += tasks;
    if (sharing_mm) *row.sharing_mm += tasks;
  });
}

void check_that_records_are_needed(std::initializer_list<const char*> ids,
                                   void (*lose)(result::Details&)) {
  for (const char* id : ids) {
    CAPTURE(id);
    const prove::Proof& proof = *prove::select(id).front().proof;
    Seen seen = plain_runs(proof);
    CHECK(judged(proof, seen).verdict == Verdict::not_testable_here);
    for (const ProofCase& known : proof_cases())
      if (known.id == id) known.as_claimed(seen);
    for (auto& runs : seen) lose(runs[0].kernel.details);
    CHECK(judged(proof, seen).because.starts_with("7 were lost"));
  }
}

Check judged(const prove::Proof& proof, const Seen& seen) {
  prove::Shown shown;
  for (const auto& runs : seen) {
    auto& pointers = shown.runs.emplace_back();
    for (const lab::Observation& run : runs) pointers.push_back(&run);
  }
  return proof.judge(shown);
}

}  // namespace vtlab::test
