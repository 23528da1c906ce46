// blocking_io.cpp — N units each send a request and read the answer, which a server outside the
// observed process gives after a delay. What waits is the unit; whether an OS thread waits with it
// is what the modes differ in.
//
// Look at     most units waiting at once, and new kernel tasks. With --over pipe the same.
// Surprises   With --over file nobody waits the way a socket lets one wait: a regular file is always
//             "ready", a read of it blocks in the kernel, and no runtime can park it (epoll refuses
//             it). So vthreads announce a blocking call: virtual starts spare carriers at once, dozens for
//             reads of a microsecond; gmp waits for 20 µs before it hands off, and starts none.
// Not shown   A slow disk: the file was just written, and is read from the page cache. Nor sockets
//             of a network; a socket pair waits in the same way, without its protocols.
#include "scenarios/claims/claims.h"
#include "scenarios/mode.h"
#include "scenarios/modes/event_loop.h"
#include "scenarios/requests.h"
#include "scenarios/scenario.h"

namespace vtlab {
namespace {

void body(Workload& work) {
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit) {
    work.start(unit, [&work, unit] {
      if (work.params().over != Over::file) send_request(work.runtime(), work.requests(unit));
      take_answer(work.runtime(), work.connection(unit));
    });
  }
  work.join_all();
}

// The same, cut where it waits.
void callbacks(Workload& work, EventLoop& loop) {
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit) {
    work.start_steps(unit, [&work, &loop, unit] {
      send_request(work.runtime(), work.requests(unit));
      loop.readable(work.connection(unit), work.step(unit, [&work, unit] {
        take_answer(work.runtime(), work.connection(unit));
        work.finish(unit);
      }));
    });
  }
  loop.run();
}

std::string_view refuses(const Mode& mode, const Params& params) {
  if (params.over == Over::pipe && mode.foreign)
    return "its program connects to vtlab by TCP, and gets no pipes; it goes with sockets";
  if (params.over == Over::file && mode.foreign == Language::java)
    return "in Java a file is read in pinned --pin file: by the JDK, of a connection to vtlab";
  if (params.over == Over::file && mode.has_callbacks_only)
    return "epoll refuses regular files: a loop would have to block, or to keep threads for them";
  if (params.over == Over::file && mode.has_poller && params.poller == Poller::io_uring)
    return "the kernel may make workers of its own to read a file for io_uring, and these are no "
           "carriers; it goes with sockets and pipes";
  return {};
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
    .chooses_over = true,
    .defaults = {.tasks = 1009, .delay_ns = 100'000'000},
    .body = body,
    .claims = kClaims,
    .callbacks = callbacks,
    .refuses = refuses,
    .languages = {.java = true, .go = true},
};

}  // namespace vtlab
