// What proves the claims about blocking, parking and system calls, and what refutes them.
#include "support/proof_cases.h"

namespace vtlab::test {
namespace {

// So many calls of that name by tasks that this action made.
void call(Seen& seen, const char* name, const char* made_by, std::uint64_t times) {
  each(seen, 0, [&](auto& run) {
    auto& calls = run.kernel.details.syscalls.value;
    if (!calls) calls.emplace();
    result::SystemCall row;
    row.call = name;
    row.made_by = made_by;
    row.returned = times;
    calls->rows.push_back(row);
  });
}

// Fields as docs/vthreads/event-log.md has them.
enum Kind : std::uint8_t { start = 1, mount, unmount, park, unpark, done = 11, lost = 19 };
constexpr std::uint8_t kByThread = 1, kByReadiness = 3, kUnmountDone = 2, kReading = 14;

// Each unit starts, waits for its descriptor, and ends, one after the other on one carrier.
void log_units(Seen& seen) {
  each(seen, 0, [](auto& run) {
    std::uint64_t ns = 1000;
    const auto log = [&](std::uint64_t unit, Kind kind, std::uint8_t reason) {
      run.events.push_back({++ns, unit, 7, 0, kind, reason, 0});
    };
    for (std::uint64_t unit = 1; unit <= run.experiment.params.tasks; ++unit) {
      log(unit, start, kByThread);
      log(unit, mount, 0);
      log(unit, park, kReading);
      log(unit, unmount, 0);
      log(unit, unpark, kByReadiness);
      log(unit, mount, 0);
      log(unit, done, 0);
      log(unit, unmount, kUnmountDone);
    }
  });
}
// Without its n-th record, or so many from there on.
template <std::size_t kNth, std::size_t kCount = 1>
void forget(Seen& seen) {
  each(seen, 0, [](auto& run) {
    std::size_t place = 0;
    erase_if(run.events, [&](const auto&) {
      const std::size_t now = place++;
      return now >= kNth && now - kNth < kCount;
    });
  });
}
void read_and_be_woken(Seen& seen) {
  log_units(seen);
  call(seen, "read", "start-carrier", 211);
  seen[0][0].kernel.details.syscalls.value->rows[0].error = "EAGAIN";
  call(seen, "read", "start-carrier", 211);
  call(seen, "epoll_pwait2", "start-carrier", 9);
}

const ProofCases kCases{
    {"park.carrier-free",
     [](Seen& seen) { seen[0][0].most_waiting = 2; },
     {[](Seen& seen) { seen[0][0].most_waiting = 1; },
      [](Seen& seen) { seen[0][0].units[1].first_tid = 12; }}},
    {"park.carrier-visible",
     [](Seen& seen) {
       make(seen, 0, Action::start_carrier, 2);
       call(seen, "read", "start-carrier", 422);
       call(seen, "write", "unattributed", 3);
     },
     {[](Seen& seen) { call(seen, "read", "unattributed", 211); },
      [](Seen& seen) { seen[0][0].kernel.details.syscalls.value->rows[0].returned = 210; }}},
    {"park.states", log_units, {forget<1>, forget<3>, forget<4>, forget<8, SIZE_MAX>}},
    {"park.completion",
     read_and_be_woken,
     {[](Seen& seen) { seen[0][0].kernel.details.syscalls.value->rows[1].waited_for = "socket"; },
      [](Seen& seen) { seen[0][0].kernel.details.syscalls.value->rows[2].returned = 0; },
      [](Seen& seen) { seen[0][0].kernel.details.syscalls.value->rows[0].returned = 210; }}},
    {"park.pinned",
     [](Seen& seen) {
       make(seen, 0, Action::start_carrier, 2);
       make(seen, 1, Action::start_carrier, 54);
       seen[0][0].most_waiting = 2;
       seen[0][0].end_ns = seen[0][0].start_ns + 265 * kMillisecond;
       seen[1][0].most_waiting = 53;
     },
     {[](Seen& seen) { seen[0][0].most_waiting = 53; },
      [](Seen& seen) { make(seen, 0, Action::start_carrier, 51); },
      [](Seen& seen) { seen[0][0].end_ns = seen[0][0].start_ns + 12 * kMillisecond; },
      [](Seen& seen) { seen[1][0].most_waiting = 2; },
      [](Seen& seen) { seen[1][0].kernel.by_action[1].kernel_tasks = 2; }}},
    {"park.handoff",
     [](Seen& seen) {
       make(seen, 0, Action::start_m, 54);
       make(seen, 1, Action::start_m, 50);
       for (const std::size_t trial : {0, 1}) seen[trial][0].most_waiting = 53;
       seen[1][0].at_gate.threads = 4;  // Go had them before the window
     },
     {[](Seen& seen) { seen[0][0].most_waiting = 1; },
      [](Seen& seen) { seen[0][0].kernel.by_action[7].kernel_tasks = 1; },
      [](Seen& seen) { seen[1][0].most_waiting = 1; },
      [](Seen& seen) { seen[1][0].kernel.by_action[7].kernel_tasks = 48; }}},
    {"park.java-pin",
     [](Seen& seen) {
       seen[0][0].most_waiting = 2;
       seen[0][0].end_ns = seen[0][0].start_ns + 1330 * kMillisecond;
       seen[1][0].most_waiting = 53;
     },
     {[](Seen& seen) { seen[0][0].most_waiting = 53; },
      [](Seen& seen) { seen[1][0].most_waiting = 2; },
      [](Seen& seen) { seen[0][0].end_ns = seen[0][0].start_ns + 199 * kMillisecond; }}},
};

}  // namespace
}  // namespace vtlab::test
