// blocking_syscall.cpp — as pinned, but each unit says before that it will block
// (Runtime::blocking), so that its runtime can do something about it.
//
// Look at     new kernel tasks by start carrier and start M: for each OS thread that a call holds the
//             runtime starts another one, or wakes one that it has. virtual does so before the call
//             (compensation, as Loom's managed blocking), gmp when the call has lasted 20 µs
//             (hand-off: sysmon takes the P and gives it to another M, as Go).
// Surprises   So much for "M:N": while many units block, there are as many OS threads as in platform.
//             The runtime stops at 256 of them; the units beyond wait for their turn. Green cannot
//             do anything: its only thread is held. Nor does a pool; that is what people enlarge it
//             for.
// Not shown   What the spare threads do afterwards: they stay, asleep, for the next time.
#include "scenarios/requests.h"
#include "scenarios/scenario.h"

namespace vtlab {
namespace {

void body(Workload& work) {
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit) {
    work.start(unit, [&runtime = work.runtime(), connection = work.connection(unit)] {
      send_request(runtime, connection);
      runtime.blocking([connection] { wait_in_kernel(connection); });
      take_answer(runtime, connection);
    });
  }
  work.join_all();
}

}  // namespace

extern const Scenario scenario_blocking_syscall;
const Scenario scenario_blocking_syscall{
    .name = "blocking-syscall",
    .title = "wait in a system call, and tell the runtime before",
    .lesson =
        "Told of a call that blocks, a runtime starts an OS thread to stand in for the one held.",
    .needs_server = true,
    .waiting = Waiting::announced,
    .defaults = {.tasks = 101, .delay_ns = 10'000'000},
    .body = body,
    .languages = {.java = true, .go = true},
};

}  // namespace vtlab
