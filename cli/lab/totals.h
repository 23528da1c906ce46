// totals.h — sums of the probes as sums of the result: those of a window, with reasons for what is not there. Pure;
// private to lab.
#pragma once

#include <vector>

#include "probes/session.h"
#include "result/result.h"
#include "result/totals.h"

namespace vtlab::lab {

/// `probes`: the notes of the window, of which migrations are taken.
result::Totals to_result(const probes::Totals& before, const probes::Totals& now,
                         const std::vector<result::ProbeNote>& probes);

}  // namespace vtlab::lab
