// prove.h — proofs → verdicts: what must be run is run once, what was seen is judged, and what was not seen
// is said.
//
// Rule      A run whose evidence is void (records lost, runs of a probe skipped by the kernel, not finished) is
//           made again, twice at most; if it is void still, its claims are "not testable here".
// Rule      Runs that are compared by time belong to one proof alone: the others' records would slow them down.
// Rule      A proof by times that does not hold gets two more series of rounds; then all rounds are judged together.
// Threads   One at a time. The function `run` of the setting does whatever touches the system, so a test can
//           stand in for it.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "lab/machine.h"
#include "lab/observe.h"
#include "lab/recording.h"
#include "lab/request.h"
#include "prove/catalogue.h"
#include "result/result.h"

namespace vtlab::prove {

/// How far it is, before each run.
struct Step {
  std::size_t run = 0, runs = 0;
  std::uint64_t expected_left_ns = 0;  ///< the waiting alone, this run included
};

struct Setting {
  const lab::Machine& machine;
  /// eBPF observes: records can be had, and times can be compared. Else new tasks are all that is counted.
  bool sees_all = true;
  std::string with_root;  ///< what to type to see all
  /// Why times say little here and now: others use the CPUs. Empty: they do not. Times may then still
  /// support a claim, but not refute it.
  std::string busy;
  /// What a trial names, "java-virtual@21", too; null: there is no such mode. It outlives the results.
  std::function<const Mode*(std::string_view)> mode = find_mode;
  /// How the program of another runtime is started, or why it cannot be.
  std::function<lab::ForeignStart(const Mode&)> start = [](const Mode&) {
    return lab::ForeignStart{.why_not = "nobody has looked for its runtime"};
  };
  /// Errors: lab::Error if it could not begin; its claims are then not testable.
  std::function<lab::Observation(const lab::Experiment&, const lab::Recording&)> run;
  std::function<void(const Step&)> step = [](const Step&) {};
  /// What to type after "--show" to see these records.
  std::function<std::string(const lab::Recording&)> show;
};

/// The claims in the given order, with the runs that they rest on as results. Partial if it was interrupted:
/// what could be judged is judged.
result::ResultSet prove(std::span<const Listed> proofs, const Setting& setting);

/// The command lines that run the trials of a proof again.
std::vector<std::string> command_lines(
    const Proof& proof, const lab::Machine& machine,
    const std::function<std::string(const lab::Recording&)>& show);

}  // namespace vtlab::prove
