// blocking_io.cpp — N units each send a request and read the answer, which a server outside the
// observed process gives after a delay. What waits is the unit; whether an OS thread waits with it
// is what the modes differ in.
#include "scenarios/claims/claims.h"
#include "scenarios/modes/event_loop.h"
#include "scenarios/requests.h"
#include "scenarios/scenario.h"

namespace vtlab {
namespace {

void body(Workload& work) {
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit) {
    work.start(unit, [&runtime = work.runtime(), connection = work.connection(unit)] {
      send_request(runtime, connection);
      take_answer(runtime, connection);
    });
  }
  work.join_all();
}

// The same, cut where it waits.
void callbacks(Workload& work, EventLoop& loop) {
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit) {
    work.start_steps(unit, [&work, &loop, unit] {
      const int connection = work.connection(unit);
      send_request(work.runtime(), connection);
      loop.readable(connection, work.step(unit, [&work, unit, connection] {
        take_answer(work.runtime(), connection);
        work.finish(unit);
      }));
    });
  }
  loop.run();
}

constexpr const Claim* kClaims[] = {&claims::gain_blocking, &claims::gain_blocking_pool,
                                    &claims::exist_monitor};

}  // namespace

extern const Scenario scenario_blocking_io;
const Scenario scenario_blocking_io{
    .name = "blocking-io",
    .title = "each read a socket that is answered after a delay",
    .lesson = "Who waits: a platform thread waits with its unit, a carrier goes on to the next.",
    .needs_server = true,
    .defaults = {.tasks = 1009, .delay_ns = 100'000'000},
    .body = body,
    .claims = kClaims,
    .callbacks = callbacks,
};

}  // namespace vtlab
