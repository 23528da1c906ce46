// own_units.h — what one of our own programs told of its units → the units' side of a timeline. Pure.
#pragma once

#include "lab/observe.h"
#include "result/timeline.h"

namespace vtlab::lab {

/// Completes what the kernel told and brings it into the window of the run.
void add_units(result::Timeline& timeline, const Observation& seen);

}  // namespace vtlab::lab
