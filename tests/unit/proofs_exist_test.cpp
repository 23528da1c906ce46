// What proves the claims about what exists in the kernel, and what refutes them.
#include "support/proof_cases.h"

namespace vtlab::test {
namespace {

void many_threads(Seen& seen) {
  each(seen, 0, [](auto& run) { run.waiting->threads = run.experiment.params.tasks + 1; });
}
void on_another_thread(Seen& seen) {
  each(seen, 0, [](auto& run) { run.units[1].last_tid = 11; });
}

void on_two_carriers(Seen& seen) {
  each(seen, 0, [](auto& run) {
    for (std::size_t i = 0; i < run.units.size(); ++i)
      run.units[i].first_tid = 11, run.units[i].last_tid = 11 + i % 2;
  });
}
void each_stays(Seen& seen) {
  each(seen, 0, [](auto& run) {
    for (auto& unit : run.units) unit.first_tid = unit.last_tid;
  });
}
void on_a_third(Seen& seen) {
  each(seen, 0, [](auto& run) { run.units[5].last_tid = 13; });
}

const ProofCases kCases{
    {"exist.virtual",
     [](Seen& seen) { make(seen, 0, Action::start_carrier, 2); },
     {[](Seen& seen) { make(seen, 0, Action::start_virtual_thread, 1); },
      [](Seen& seen) { make(seen, 0, Action::start_carrier, 1); },
      [](Seen& seen) { make(seen, 0, Action::none, 1); }}},
    {"exist.platform",
     [](Seen& seen) { make(seen, 0, Action::start_platform_thread, 1009); },
     {[](Seen& seen) { make(seen, 0, Action::start_platform_thread, 1); },
      [](Seen& seen) { --*seen[0][0].kernel.by_action[2].sharing_mm; }}},
    {"exist.process",
     [](Seen& seen) { make(seen, 0, Action::fork, 1009, false); },
     {[](Seen& seen) { make(seen, 0, Action::fork, 1, false); },
      [](Seen& seen) { ++*seen[0][0].kernel.by_action[4].sharing_mm; }}},
    {"exist.green",
     [](Seen&) {},
     {[](Seen& seen) { make(seen, 0, Action::none, 1); }, on_another_thread}},
    {"exist.monitor",
     [](Seen& seen) {
       make(seen, 0, Action::start_carrier, 2);
       each(seen, 0, [](auto& run) { run.waiting = lab::WaitingFacts{3, {}, {}}; });
     },
     {many_threads}},
    {"exist.gmp",
     [](Seen& seen) {
       make(seen, 0, Action::start_m, 3);
       make(seen, 0, Action::start_sysmon, 1);
       make(seen, 1, Action::start_m, 2);
       each(seen, 1, [](auto& run) { run.cpu_ns = 99 * kMillisecond; });
       each(seen, 2, [](auto& run) { run.cpu_ns = 190 * kMillisecond; });
     },
     {[](Seen& seen) { make(seen, 0, Action::start_g, 1); },
      [](Seen& seen) { each(seen, 1, [](auto& run) { run.cpu_ns = 190 * kMillisecond; }); }}},
    {"exist.m-to-n", on_two_carriers, {each_stays, on_a_third}},
};

}  // namespace
}  // namespace vtlab::test
