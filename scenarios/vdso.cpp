// vdso.cpp — each unit asks for the time a thousand times without entering the kernel, and once by entering
// it: a control that whoever counts the system calls counts this one, and so would have counted the others.
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "scenarios/scenario.h"

namespace vtlab {
namespace {

constexpr std::uint32_t kCallsPerUnit = 1000;

void ask_for_the_time() {
  timespec now;
  for (std::uint32_t i = 0; i < kCallsPerUnit; ++i) clock_gettime(CLOCK_MONOTONIC, &now);
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
}

void body(Workload& work) {
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit)
    work.start(unit, ask_for_the_time);
  work.join_all();
  work.report("vdso_calls", std::uint64_t{kCallsPerUnit} * work.params().tasks);
}

constexpr Reported kReports[] = {{"vdso_calls", "calls of clock_gettime by the vDSO", "count"}};

}  // namespace

extern const Scenario scenario_vdso;
const Scenario scenario_vdso{
    .name = "vdso",
    .title = "each ask for the time a thousand times, and once by a system call",
    .lesson = "Some calls of the system never enter the kernel; no probe of the kernel sees them.",
    .defaults = {.tasks = 1009},
    .body = body,
    .callbacks = [](Workload& work, EventLoop&) { body(work); },
    .reports = kReports,
    .watch = "syscalls",
};

}  // namespace vtlab
