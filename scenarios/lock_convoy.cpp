// lock_convoy.cpp — N units take one lock for a moment, many times over.
//
// Look at     kernel switches and mounts per acquisition. A lock that goes to whoever has waited
//             longest gives the next one its turn only after a switch, each time, for as long as
//             there is a queue. That is the convoy.
// Surprises   Platform threads and processes have nearly none: their lock (sem_wait(3), a futex) may
//             be taken by whoever comes just now, and the unit that runs comes again before the one
//             that was woken is on a CPU. That is quick, and unfair. With one carrier, and in green,
//             nobody is ever stopped while holding the lock, so nobody ever waits.
// Not shown   Locks that spin before they wait, and what a convoy costs those who only pass by.
#include "scenarios/scenario.h"

namespace vtlab {
namespace {

constexpr std::uint32_t kAcquisitions = 50;  // of each unit

// Less than a microsecond.
void compute() {
  for (volatile int i = 0; i < 100;) i = i + 1;
}

void body(Workload& work) {
  const auto lock = work.runtime().semaphore(1);
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit) {
    work.start(unit, [&lock] {
      for (std::uint32_t i = 0; i < kAcquisitions; ++i) {
        lock->acquire();
        compute();
        lock->release();
        compute();
      }
    });
  }
  work.join_all();
  work.report("acquisitions", std::uint64_t{work.params().tasks} * kAcquisitions);
}

constexpr Reported kReports[] = {{"acquisitions", "acquisitions of the lock", "count"}};

}  // namespace

extern const Scenario scenario_lock_convoy;
const Scenario scenario_lock_convoy{
    .name = "lock-convoy",
    .title = "take one lock for a moment, many times",
    .lesson =
        "A fair lock is handed to who waited longest: a switch for each, while anybody waits.",
    .defaults = {.tasks = 1009},
    .body = body,
    .reports = kReports,
    .operations = "acquisitions",
};

}  // namespace vtlab
