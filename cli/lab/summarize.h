// summarize.h — Observations → ResultSet: statistics and claim checks. Pure.
#pragma once

#include <span>
#include <vector>

#include "lab/observe.h"
#include "result/result.h"

namespace vtlab::lab {

/// One Result per scenario and mode, its repetitions summarised: metrics are medians with extremes,
/// the ledger is that of the repetition with the median wall time, a claim holds only if it held in
/// every repetition.
result::ResultSet summarize(const Plan& plan, std::span<const Observation> observations,
                            const Machine& machine);

/// The rows that say something: what happened, and what the mode's own unit action did not cause.
std::vector<result::LedgerRow> ledger_of(const KernelView& view, const Mode& mode);

/// Why the times of this run are not those of all its units: how it ended, or which units failed. Empty: they are.
std::string why_no_answer(const Observation& observation);

/// The evidence that claims are judged by. For tests and for summarize().
Evidence evidence_of(const Observation& observation);

result::Verdict to_result(Verdict verdict);

}  // namespace vtlab::lab
