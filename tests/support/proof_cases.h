// proof_cases.h — for each proof: what would be seen if its claim is true, and what must refute it.
//
// A proof without a case here fails tests/unit/proofs_test.cpp. To add one: an entry in a `ProofCases` of a
// tests/unit/proofs_GROUP_test.cpp.
#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "prove/catalogue.h"

namespace vtlab::test {

inline constexpr std::uint64_t kMillisecond = 1'000'000;

/// Runs of each trial of a proof, in the order of its trials.
using Seen = std::vector<std::vector<lab::Observation>>;

struct ProofCase {
  std::string_view id;
  /// Makes of plain runs (plain_runs) what the claim says.
  void (*as_claimed)(Seen& seen);
  /// Each makes of that something that must come out refuted.
  std::vector<void (*)(Seen& seen)> denials;
};

/// Registers its entries; a global of a test file.
struct ProofCases {
  ProofCases(std::initializer_list<ProofCase> cases);
};
const std::vector<ProofCase>& proof_cases();

/// Two CPUs and no limits.
lab::Machine two_cpus();

/// Modes by name, "java-virtual@21" too, and how they are started on a machine that has their runtimes.
const Mode* mode_named(std::string_view name);
lab::ForeignStart has_runtime(const Mode& mode);

/// As many runs of each trial as it asks for, in each of which all units finished after 1 ms on the first
/// thread, with no new kernel task, no switch, and nothing else.
Seen plain_runs(const prove::Proof& proof);

/// In every run of that trial: so many new kernel tasks by that action, all with their creator's memory.
void make(Seen& seen, std::size_t trial, Action action, std::uint64_t tasks,
          bool sharing_mm = true);
/// For every run of that trial.
template <typename F>
void each(Seen& seen, std::size_t trial, F change) {
  for (lab::Observation& run : seen[trial]) change(run);
}

/// That each of the proofs is not testable without records, and if `lose` made those of a run void, for "7 were
/// lost".
void check_that_records_are_needed(std::initializer_list<const char*> ids,
                                   void (*lose)(result::Details&));

/// What the judge says of it.
Check judged(const prove::Proof& proof, const Seen& seen);

}  // namespace vtlab::test
