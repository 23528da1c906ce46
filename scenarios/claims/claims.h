// claims.h — the claims that modes and scenarios point at; one file per group.
#pragma once

#include "scenarios/claim.h"

namespace vtlab::claims {

// exist.cpp: what exists in the kernel
extern const Claim exist_platform, exist_virtual, exist_green, exist_process, exist_pool, exist_gmp,
    exist_event_loop, exist_monitor;

// foreign.cpp: the same of the real JVM and the real Go
extern const Claim exist_java_platform, exist_java_virtual, exist_goroutine;

// gain.cpp: where the gain comes from, and where it does not
extern const Claim gain_blocking, gain_blocking_pool;

// threshold.cpp: where the number of units ends
extern const Claim gain_threshold_named;

}  // namespace vtlab::claims
