// foreign.h — what proofs that run the real JVM or the real Go have in common.
#pragma once

#include <string>
#include <vector>

#include "prove/proof.h"

namespace vtlab::prove {

/// "Go 1.24.4"
std::string name_of_runtime(const lab::Observation& seen);

/// Goroutines that block in system calls which Go is told of, with one P. May lack.
Trial blocking_in_go(const lab::Recording& recording = {});

/// Java platform threads that wait, and ten times as many.
std::vector<Trial> java_platform(const lab::Machine&);
/// Each of them is one kernel task; what the JVM starts besides does not grow with them.
Check judge_java_platform(const Shown& shown);

}  // namespace vtlab::prove
