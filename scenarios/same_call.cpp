// same_call.cpp — the one blocking read of blocking-io, looked at for what it is made of: in each mode the
// same line of a program leads to other system calls.
#include "scenarios/scenario.h"

namespace vtlab {

extern const Scenario scenario_blocking_io, scenario_same_call;

const Scenario scenario_same_call{
    .name = "same-call",
    .title = "each make one blocking read, whose system calls are counted",
    .lesson = "A 'blocking read' is another path through the kernel in each mode.",
    .needs_server = true,
    .defaults = {.tasks = 101, .delay_ns = 50'000'000},
    .body = [](Workload& work) { scenario_blocking_io.body(work); },
    .callbacks = [](Workload& work,
                    EventLoop& loop) { scenario_blocking_io.callbacks(work, loop); },
    .watch = "syscalls",
    .languages = {.java = true, .go = true},
};

}  // namespace vtlab
