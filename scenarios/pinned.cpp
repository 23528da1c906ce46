// pinned.cpp — N units each wait for a server in a system call of their own, past the runtime: what
// happens to virtual threads in a library that knows nothing of them.
//
// Look at     most units waiting at once, and the wall time. However cheap its units are, a mode has
//             only so many OS threads, and each of these calls keeps one: with C carriers C units
//             wait at a time, and all together take N / C delays. It is a pool again.
// Surprises   In green one such call stops the whole program. gmp has no more to set against it than
//             virtual: nobody told it of the call (see blocking-syscall).
//             Nor has Go itself: its standard library tells the scheduler of every system call,
//             but a call that is made past it (syscall.RawSyscall) keeps its M and its P.
// Not shown   A unit that is pinned by a lock (vthreads::Pin) and waits through the runtime.
#include "scenarios/requests.h"
#include "scenarios/scenario.h"

namespace vtlab {
namespace {

void body(Workload& work) {
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit) {
    work.start(unit, [&runtime = work.runtime(), connection = work.connection(unit)] {
      send_request(runtime, connection);
      wait_in_kernel(connection);
      take_answer(runtime, connection);
    });
  }
  work.join_all();
}

}  // namespace

extern const Scenario scenario_pinned;
const Scenario scenario_pinned{
    .name = "pinned",
    .title = "wait in a system call that the runtime knows nothing of",
    .lesson =
        "A call that cannot be turned into parking keeps its carrier: C units wait at a time.",
    .needs_server = true,
    .chooses_pin = true,
    .waiting = Waiting::in_kernel,
    .defaults = {.tasks = 101, .delay_ns = 10'000'000},
    .body = body,
    .languages = {.java = true, .go = true},
};

}  // namespace vtlab
