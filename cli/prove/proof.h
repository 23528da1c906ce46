// proof.h — a claim of docs/claims.md as an experiment: what is run, and what must have been seen.
//
// To add one: an entry in the table of its group, cli/prove/proofs/GROUP.cpp, and in tests/unit/ what must
// refute it. Rule  A judge looks at what the kernel, a clock or the runtime's counters said, never at what
// vtlab meant to do. What was not observed is "not testable here". Runs whose evidence was lost never reach
// a judge. Times are judged as ratios within one series only: trials that say `repeat`. If such a judge does
// not say `holds`, the series is made longer before it is believed (prove.h).
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lab/machine.h"
#include "lab/observe.h"
#include "lab/recording.h"
#include "scenarios/claim.h"

namespace vtlab::prove {

/// One run that a proof rests on. Equal trials of several proofs are run once; with `repeat` they are
/// interleaved with the other trials of their proof.
struct Trial {
  std::string_view scenario, mode;  ///< names of the catalogue; "java-virtual@21", too
  Params params;                    ///< what is 0: the scenario's default, as many carriers as CPUs
  lab::Recording recording;
  std::uint32_t repeat = 1;
  /// Where there is no such runtime the rest is judged without it, and that is said.
  bool may_lack = false;
};

/// What each trial of a proof showed, in the order of its trials: at least one run of each, all ended well. Of a
/// trial that may lack there may be none, and a reason.
struct Shown {
  std::vector<std::vector<const lab::Observation*>> runs;
  std::map<std::size_t, std::string> lacks;  ///< by trial

  const lab::Observation& first(std::size_t trial) const { return *runs[trial].front(); }
};

struct Proof {
  std::string_view id;         ///< "gain.creation"
  std::string_view statement;  ///< one sentence
  std::string_view where;      ///< where the texts say it: "A§3.1"
  std::vector<Trial> (*trials)(const lab::Machine&) = nullptr;
  Check (*judge)(const Shown&) = nullptr;
  /// What vtlab itself lacks for it, as a sentence; then there are neither trials nor a judge, and nobody
  /// wonders where the claim is.
  std::string_view lacking = {};
};

/// The proofs of one file. What people type for a group is what stands before the dot in its ids.
struct ProofGroup {
  std::string_view title;
  std::span<const Proof> proofs;
};

}  // namespace vtlab::prove
