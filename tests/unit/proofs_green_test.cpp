// What proves the claims about green and native threads, and what refutes them.
#include <algorithm>

#include "support/proof_cases.h"

namespace vtlab::test {
namespace {

void last(Seen& seen, std::size_t trial, std::uint64_t ms) {
  each(seen, trial, [&](auto& run) { run.end_ns = run.start_ns + ms * kMillisecond; });
}
void lose(Seen& seen, std::size_t trial, std::uint64_t updates) {
  each(seen, trial, [&](auto& run) {
    run.reported["updates"] = 1'009'000;
    run.reported["lost_updates"] = updates;
  });
}

const ProofCases kCases{
    {"green.one-core",
     [](Seen& seen) { last(seen, 1, 52); },
     {[](Seen& seen) { last(seen, 1, 90); }, [](Seen& seen) { last(seen, 3, 52); }}},
    {"green.stall",
     [](Seen& seen) {
       seen[0][0].most_waiting = 1;
       last(seen, 0, 222);
       seen[1][0].most_waiting = 11;
     },
     {[](Seen& seen) { seen[0][0].most_waiting = 2; }, [](Seen& seen) { last(seen, 0, 21); },
      [](Seen& seen) { seen[1][0].most_waiting = 1; }}},
    {"green.sync",
     [](Seen& seen) {
       lose(seen, 0, 0);
       lose(seen, 1, 0);
       seen[1][2].reported["lost_updates"] = 12;
     },
     {[](Seen& seen) { seen[0][1].reported["lost_updates"] = 1; },
      [](Seen& seen) { lose(seen, 1, 0); }}},
    {"green.switch",
     [](Seen& seen) {
       each(seen, 0, [](auto& run) {
         run.reported["unit_switches"] = 1'010'707;
         run.kernel.switches = 40;
       });
     },
     {[](Seen& seen) { each(seen, 0, [](auto& run) { run.kernel.switches = 1'010'707; }); },
      [](Seen& seen) { seen[0][0].reported["unit_switches"] = 999'999; }}},
    {"native.priority",
     [](Seen& seen) {
       for (int priority = 1; priority <= 10; ++priority)
         seen[0][0].looked_up["nice_" + std::to_string(priority)] = std::max(5 - priority, 0);
     },
     {[](Seen& seen) { seen[0][0].looked_up["nice_10"] = 1; }}},
};

}  // namespace
}  // namespace vtlab::test
