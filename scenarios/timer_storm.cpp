// timer_storm.cpp — N units each sleep ten times, for short times drawn by the seed: together --delay
// on average. Every sleep is a deadline set, found and taken away again.
//
// Look at     CPU time and kernel switches per unit, ten sleeps each.
// Surprises   The kernel switches of virtual units are fewer than their sleeps: whoever is woken for
//             one deadline finds others that are due by then.
// Not shown   Deadlines that are taken back before they come, as with most timeouts.
#include "scenarios/lateness.h"
#include "scenarios/mix.h"

namespace vtlab {
namespace {

constexpr std::uint32_t kSleeps = 10;

// The number of the unit's sleep among all of them.
std::size_t number(std::uint32_t unit, std::uint32_t sleep) {
  return std::size_t{unit} * kSleeps + sleep;
}

// From 0 to twice the mean; the same in every mode.
std::uint64_t sleep_ns(const Params& params, std::uint32_t unit, std::uint32_t sleep) {
  return mix(mix(params.seed) + number(unit, sleep)) % (2 * params.delay_ns / kSleeps + 1);
}

void body(Workload& work) {
  const Params& params = work.params();
  Lateness lateness(number(params.tasks, 0));
  for (std::uint32_t unit = 0; unit < params.tasks; ++unit) {
    work.start(unit, [&, unit] {
      for (std::uint32_t sleep = 0; sleep < kSleeps; ++sleep)
        lateness.sleep(work.runtime(), sleep_ns(params, unit, sleep), number(unit, sleep));
    });
  }
  work.join_all();
  lateness.report(work);
}

// The sleep of that number, and all after it.
void go_on(Workload& work, EventLoop& loop, Lateness& lateness, std::uint32_t unit,
           std::uint32_t sleep) {
  if (sleep == kSleeps) return work.finish(unit);
  lateness.after(loop, sleep_ns(work.params(), unit, sleep), number(unit, sleep),
                 [&, unit, sleep] { go_on(work, loop, lateness, unit, sleep + 1); });
}

void callbacks(Workload& work, EventLoop& loop) {
  Lateness lateness(number(work.params().tasks, 0));
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit)
    work.start_steps(unit, [&, unit] { go_on(work, loop, lateness, unit, 0); });
  loop.run();
  lateness.report(work);
}

}  // namespace

extern const Scenario scenario_timer_storm;
const Scenario scenario_timer_storm{
    .name = "timer-storm",
    .title = "each sleep ten times, for short times left to chance",
    .lesson = "What it costs to set and to meet deadlines that come in no order.",
    .defaults = {.tasks = 1009, .delay_ns = 20'000'000},
    .body = body,
    .callbacks = callbacks,
    .reports = Lateness::kReports,
    .languages = {.go = true},
};

}  // namespace vtlab
