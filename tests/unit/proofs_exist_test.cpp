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

// CPUs in use on average, in 100 ms.
void use_cpus(Seen& seen, std::size_t trial, double cpus) {
  each(seen, trial,
       [&](auto& run) { run.cpu_ns = static_cast<std::uint64_t>(cpus * 100 * kMillisecond); });
}

// Those that the JVM starts for itself, too.
void make_java_threads(Seen& seen, Action action, std::uint64_t few, std::uint64_t many) {
  make(seen, 0, action, few);
  make(seen, 1, action, many);
  for (const std::size_t trial : {0, 1}) make(seen, trial, Action::start_runtime_thread, 3);
}

// How many goroutines it made.
void go_says(Seen& seen, std::uint64_t goroutines) {
  each(seen, 0, [&](auto& run) {
    result::RuntimeCount count;
    count.key = "units_made";
    count.count = goroutines;
    run.kernel.details.runtime.value.emplace().counts.push_back(count);
  });
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
       for (const std::size_t with_one : {1, 3}) use_cpus(seen, with_one, 0.99);
       for (const std::size_t with_two : {2, 4}) use_cpus(seen, with_two, 1.9);
       make(seen, 5, Action::start_m, 50);
     },
     {[](Seen& seen) { make(seen, 0, Action::start_g, 1); },
      [](Seen& seen) { use_cpus(seen, 1, 1.9); }, [](Seen& seen) { use_cpus(seen, 3, 1.9); },
      [](Seen& seen) { use_cpus(seen, 4, 2.9); },
      [](Seen& seen) { seen[5][0].kernel.by_action[7].kernel_tasks = 1; }}},
    {"exist.java-virtual",
     [](Seen& seen) { make_java_threads(seen, Action::start_carrier, 2, 2); },
     {[](Seen& seen) { make(seen, 1, Action::start_carrier, 10088); },
      [](Seen& seen) { make(seen, 0, Action::start_runtime_thread, 1009); },
      [](Seen& seen) { make(seen, 0, Action::none, 1); }}},
    {"exist.java-platform",
     [](Seen& seen) { make_java_threads(seen, Action::start_platform_thread, 101, 1009); },
     {[](Seen& seen) { make(seen, 0, Action::start_platform_thread, 1); },
      [](Seen& seen) { seen[1][0].kernel.by_action[2].kernel_tasks = 3; },
      [](Seen& seen) { make(seen, 1, Action::start_runtime_thread, 908); }}},
    {"native.one-to-one",
     [](Seen& seen) { make_java_threads(seen, Action::start_platform_thread, 101, 1009); },
     {[](Seen& seen) { seen[1][0].kernel.by_action[2].kernel_tasks = 3; }}},
    {"exist.goroutine",
     [](Seen& seen) {
       make(seen, 0, Action::start_m, 2);
       go_says(seen, 10009);
     },
     {[](Seen& seen) { make(seen, 0, Action::start_m, 10007); },
      [](Seen& seen) { go_says(seen, 10006); },
      [](Seen& seen) { make(seen, 0, Action::none, 1); }}},
    {"exist.m-to-n", on_two_carriers, {each_stays, on_a_third}},
};

}  // namespace
}  // namespace vtlab::test
