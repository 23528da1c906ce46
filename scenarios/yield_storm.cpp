// yield_storm.cpp — N units each say a hundred times "let others run".
//
// Look at     mounts per unit beside kernel switches per unit: who switches, the runtime or the kernel.
// Surprises   A job of a pool yields its thread, not its place: the other jobs in the queue gain
//             nothing, and there are as good as no switches.
// Not shown   A switch because somebody must wait: see ping-pong.
#include "scenarios/modes/event_loop.h"
#include "scenarios/scenario.h"

namespace vtlab {
namespace {

constexpr std::uint32_t kYields = 100;
constexpr Reported kReports[] = {{"yields", "times that units yielded", "count"}};

void report(Workload& work) {
  work.report(kReports[0].key, std::uint64_t{work.params().tasks} * kYields);
}

void body(Workload& work) {
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit) {
    work.start(unit, [&runtime = work.runtime()] {
      for (std::uint32_t i = 0; i < kYields; ++i) runtime.yield();
    });
  }
  work.join_all();
  report(work);
}

// A callback yields by ending, and having itself called again after the others.
void go_on(Workload& work, EventLoop& loop, std::uint32_t unit, std::uint32_t yields_left) {
  if (yields_left == 0) return work.finish(unit);
  loop.post([&, unit, yields_left] { go_on(work, loop, unit, yields_left - 1); });
}

void callbacks(Workload& work, EventLoop& loop) {
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit)
    work.start_steps(unit, [&, unit] { go_on(work, loop, unit, kYields); });
  loop.run();
  report(work);
}

}  // namespace

extern const Scenario scenario_yield_storm;
const Scenario scenario_yield_storm{
    .name = "yield-storm",
    .title = "each let others run, a hundred times",
    .lesson = "A switch between units is a switch of the kernel, or a jump in user space.",
    .defaults = {.tasks = 1009},
    .body = body,
    .callbacks = callbacks,
    .reports = kReports,
    .languages = {.go = true},
};

}  // namespace vtlab
