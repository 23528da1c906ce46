// sleepers.cpp — N units sleep for the same time.
//
// Look at     how late they are woken, and by how many kernel switches. With a --delay longer than it
//             takes to start them all, they all sleep at once: a million of them, in virtual mode.
// Surprises   Units that slept together are woken together, and the last of them waits until all
//             others have run: "woken late" grows with N, and not because of the timers.
// Not shown   What one timer costs: see timer-storm.
#include "scenarios/lateness.h"

namespace vtlab {
namespace {

void body(Workload& work) {
  Lateness lateness(work.params().tasks);
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit) {
    work.start(unit, [&, unit] { lateness.sleep(work.runtime(), work.params().delay_ns, unit); });
  }
  work.join_all();
  lateness.report(work);
}

void callbacks(Workload& work, EventLoop& loop) {
  Lateness lateness(work.params().tasks);
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit) {
    work.start_steps(unit, [&, unit] {
      lateness.after(loop, work.params().delay_ns, unit, [&work, unit] { work.finish(unit); });
    });
  }
  loop.run();
  lateness.report(work);
}

}  // namespace

extern const Scenario scenario_sleepers;
const Scenario scenario_sleepers{
    .name = "sleepers",
    .title = "each sleep once, all for the same time",
    .lesson =
        "Who keeps the deadlines: the kernel, one timer per thread, or the runtime, for all units.",
    .defaults = {.tasks = 1009, .delay_ns = 100'000'000},
    .body = body,
    .callbacks = callbacks,
    .reports = Lateness::kReports,
    .languages = {.java = true, .go = true},
};

}  // namespace vtlab
