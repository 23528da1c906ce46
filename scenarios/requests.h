// requests.h — asking the server outside: the steps of one request, for the scenarios that wait for it.
//
// Errors: std::system_error.
#pragma once

#include "scenarios/runtime.h"

namespace vtlab {

void send_request(Runtime& runtime, int connection);
/// Waits through the runtime if the answer is not there yet.
void take_answer(Runtime& runtime, int connection);
/// Returns when the answer is there. A system call that no runtime sees, and that blocks although the
/// descriptor does not: poll(2). The OS thread waits with its unit.
void wait_in_kernel(int connection);

}  // namespace vtlab
