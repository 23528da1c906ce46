// syscalls.h — the system calls that the probes have added up, as a part of the result: numbers become
// words. Pure; private to lab.
#pragma once

#include "probes/calls.h"
#include "result/result.h"
#include "result/syscalls.h"

namespace vtlab::lab {

/// "unix stream socket", "futex WAIT", "any child"; empty if the calls did not block.
std::string waited_for(const probes::CallRow& row);

/// `probes`: the notes of the same window.
result::SystemCalls to_result(const probes::Calls& calls,
                              const std::vector<result::ProbeNote>& probes);

}  // namespace vtlab::lab
