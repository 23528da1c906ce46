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
       seen[0][0].most_waiting = 53;
     },
     {[](Seen& seen) { seen[0][0].most_waiting = 1; },
      [](Seen& seen) { seen[0][0].kernel.by_action[7].kernel_tasks = 1; }}},
};

}  // namespace
}  // namespace vtlab::test
