// echo_server.cpp — the observed program is the server: one unit per connection reads what its client
// sends and writes it back, until the client closes. The client is outside the observed process.
//
// Look at     requests per second and the times of answers, which the client measures, beside new
//             kernel tasks and kernel switches per request. Thread per connection reads like a
//             sequential program in every mode; what a waiting connection costs is what differs.
// Surprises   A pool answers its first connections fast and lets the others wait for all of their
//             dialogue: a unit that waits for the next request keeps its thread. The event loop
//             does the same work without any stack, with its sequence turned inside out.
// Not shown   The limits of a machine: client and server share the CPUs, and the client has one
//             thread. Nor a network: the connections are socket pairs.
#include <cerrno>
#include <system_error>

#include "scenarios/modes/event_loop.h"
#include "scenarios/scenario.h"

namespace vtlab {
namespace {

constexpr std::uint32_t kRequests = 50;  // on each connection

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// Echoes what there is. False at the end of the dialogue.
bool echo(Runtime& runtime, int connection) {
  char buffer[256];
  const ssize_t got = runtime.read(connection, buffer, sizeof(buffer));
  if (got < 0) fail("read");
  for (ssize_t done = 0; done < got;) {
    const ssize_t put =
        runtime.write(connection, buffer + done, static_cast<std::size_t>(got - done));
    if (put < 0) fail("write");
    done += put;
  }
  return got > 0;
}

void body(Workload& work) {
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit) {
    work.start(unit, [&runtime = work.runtime(), connection = work.connection(unit)] {
      while (echo(runtime, connection)) {
      }
    });
  }
  work.join_all();
}

// What a unit does next is named and handed over, where the sequence would wait.
void wait_for_request(Workload& work, EventLoop& loop, std::uint32_t unit) {
  const int connection = work.connection(unit);
  loop.readable(connection, work.step(unit, [&work, &loop, unit, connection] {
    if (echo(work.runtime(), connection))
      wait_for_request(work, loop, unit);
    else
      work.finish(unit);
  }));
}

void callbacks(Workload& work, EventLoop& loop) {
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit)
    work.start_steps(unit, [&work, &loop, unit] { wait_for_request(work, loop, unit); });
  loop.run();
}

}  // namespace

extern const Scenario scenario_echo_server;
const Scenario scenario_echo_server{
    .name = "echo-server",
    .title = "serve a connection each, of a client outside",
    .lesson = "A unit per connection: simple to write, and as dear as a unit is.",
    .requests_per_client = kRequests,
    .defaults = {.tasks = 211},
    .body = body,
    .callbacks = callbacks,
    .operations = "requests",
    .languages = {.java = true, .go = true},
};

}  // namespace vtlab
