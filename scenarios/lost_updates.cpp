// lost_updates.cpp — N units add to one counter and nobody synchronises: each reads it, computes for
// a moment and writes its own sum back.
//
// Look at     the updates that were lost. Whoever reads between another unit's read and write takes
//             that unit's update away with its own.
// Surprises   Green threads lose none: only one runs at a time, and it gives way only where it waits.
//             Virtual threads of one carrier lose none either, but with two they race like platform
//             threads: "virtual" says nothing about who may run at the same time. Processes race as
//             well, once they share the memory.
// Not shown   A data race in the sense of C++, which would be undefined and which compilers turn into
//             anything: reads and writes are atomic here, only the addition is not. And a run that
//             loses nothing proves nothing: on one CPU a thread is seldom stopped in the gap.
#include <atomic>

#include "scenarios/scenario.h"
#include "scenarios/shared.h"

namespace vtlab {
namespace {

constexpr std::uint32_t kUpdates = 1000;  // of each unit

// Some 100 ns in which the others can come between.
void compute() {
  for (volatile int i = 0; i < 50;) i = i + 1;
}

void add_to(std::atomic<std::uint64_t>& counter) {
  for (std::uint32_t i = 0; i < kUpdates; ++i) {
    const std::uint64_t seen = counter.load(std::memory_order_relaxed);
    compute();
    counter.store(seen + 1, std::memory_order_relaxed);
  }
}

void body(Workload& work) {
  const Shared<std::atomic<std::uint64_t>> counter;
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit)
    work.start(unit, [&counter] { add_to(*counter); });
  work.join_all();
  const std::uint64_t updates = std::uint64_t{work.params().tasks} * kUpdates;
  work.report("updates", updates);
  work.report("lost_updates", updates - counter->load());
}

// Callbacks come one after the other, too.
void callbacks(Workload& work, EventLoop&) {
  body(work);
}

constexpr Reported kReports[] = {{"updates", "updates made", "count"},
                                 {"lost_updates", "updates that were lost", "count"}};

}  // namespace

extern const Scenario scenario_lost_updates;
const Scenario scenario_lost_updates{
    .name = "lost-updates",
    .title = "add to one counter, and nobody synchronises",
    .lesson = "One at a time makes sharing easy: green threads lose no update, the others race.",
    .defaults = {.tasks = 1009},
    .body = body,
    .callbacks = callbacks,
    .reports = kReports,
    .languages = {.go = true},
};

}  // namespace vtlab
