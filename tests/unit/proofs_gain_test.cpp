// What proves the claims about where the gain comes from, and what refutes them.
#include "support/proof_cases.h"

namespace vtlab::test {
namespace {

void last(Seen& seen, std::size_t trial, std::uint64_t wall_ns) {
  each(seen, trial, [&](auto& run) { run.end_ns = run.start_ns + wall_ns; });
}
void switched(Seen& seen, std::size_t trial, std::uint64_t times) {
  each(seen, trial, [&](auto& run) { run.kernel.switches = times; });
}
void wait_at_once(Seen& seen, std::size_t trial, std::uint64_t most) {
  each(seen, trial, [&](auto& run) { run.most_waiting = most; });
}
// Of all units together.
void touched(Seen& seen, std::size_t trial, std::uint64_t bytes) {
  each(seen, trial, [&](auto& run) {
    run.at_end.most_resident = run.at_gate.resident + bytes * run.experiment.params.tasks;
  });
}
void reserved(Seen& seen, std::size_t trial, std::uint64_t bytes) {
  each(seen, trial, [&](auto& run) {
    run.at_end.most_reserved = run.at_gate.reserved + bytes * run.experiment.params.tasks;
  });
}

void stacks_as_claimed(Seen& seen) {
  make(seen, 0, Action::start_carrier, 2);
  make(seen, 1, Action::start_platform_thread, 1009);
  make(seen, 2, Action::fork, 1009, false);
  touched(seen, 0, 4 << 10);
  touched(seen, 1, 9 << 10);
  reserved(seen, 0, 68 << 10);
  reserved(seen, 1, 8 << 20);
  each(seen, 2, [](auto& run) { run.waiting = lab::WaitingFacts{1, 80 << 10, 6 << 20}; });
}

const ProofCases kCases{
    {"gain.not-latency", [](Seen&) {}, {[](Seen& seen) {
       each(seen, 1, [](auto& run) { run.units[0].finished_ns += kMillisecond; });
     }}},
    {"gain.creation",
     [](Seen& seen) {
       make(seen, 0, Action::start_carrier, 2);
       make(seen, 1, Action::start_platform_thread, 20011);
       last(seen, 0, 5 * kMillisecond);
     },
     {[](Seen& seen) { last(seen, 0, 11 * kMillisecond); },
      [](Seen& seen) { make(seen, 0, Action::start_virtual_thread, 1); },
      [](Seen& seen) { make(seen, 1, Action::start_platform_thread, 1); }}},
    {"gain.blocking",
     [](Seen& seen) {
       make(seen, 0, Action::start_carrier, 2);
       make(seen, 1, Action::start_pool_thread, 2);
       wait_at_once(seen, 0, 211);
       wait_at_once(seen, 1, 2);
       last(seen, 1, 2110 * kMillisecond);
     },
     {[](Seen& seen) { wait_at_once(seen, 0, 2); }, [](Seen& seen) { wait_at_once(seen, 1, 3); },
      [](Seen& seen) { last(seen, 1, 40 * kMillisecond); }}},
    {"gain.scheduler",
     [](Seen& seen) {
       switched(seen, 0, 60);
       switched(seen, 1, 3000);
     },
     {[](Seen& seen) { switched(seen, 0, 1000); }}},
    {"gain.stack",
     stacks_as_claimed,
     {[](Seen& seen) { touched(seen, 0, 9 << 10); }, [](Seen& seen) { touched(seen, 1, 80 << 10); },
      [](Seen& seen) { reserved(seen, 0, 8 << 20); },
      [](Seen& seen) { make(seen, 0, Action::start_virtual_thread, 10007); }}},
    {"gain.user-mode",
     [](Seen& seen) {
       each(seen, 0, [](auto& run) { run.reported["unit_switches"] = 101909; });
       switched(seen, 0, 600);
       switched(seen, 1, 100900);
     },
     {[](Seen& seen) { switched(seen, 0, 101909); }, [](Seen& seen) { switched(seen, 1, 600); }}},
    {"gain.not-cpu",
     [](Seen&) {},
     {[](Seen& seen) { last(seen, 0, 80 * kMillisecond); },
      [](Seen& seen) { last(seen, 0, 120 * kMillisecond); }}},
};

}  // namespace
}  // namespace vtlab::test
