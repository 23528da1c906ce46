// park.cpp — blocking, parking and system calls: who waits, and who is seen to call.
#include <set>

#include "prove/judging.h"
#include "scenarios/claims/say.h"

namespace vtlab::prove {
namespace {

using claims::count;
using claims::holds_if;
using claims::n;
using claims::not_observed;

constexpr std::uint64_t kMillisecond = 1'000'000;

// ---- park.carrier-free: two units, one carrier ----

std::vector<Trial> carrier_free(const lab::Machine&) {
  return {{"blocking-io",
           "virtual",
           {.tasks = 2, .carriers = 1, .delay_ns = 20 * kMillisecond},
           {},
           1}};
}

std::set<std::uint32_t> tids_of(const lab::Observation& o) {
  std::set<std::uint32_t> tids;
  for (const lab::UnitFacts& unit : o.units)
    for (const std::uint32_t tid : {unit.first_tid, unit.last_tid})
      if (tid) tids.insert(tid);
  return tids;
}

// The server had both requests before it answered one: the second unit sent its own while the first waited.
Check judge_carrier_free(const Shown& shown) {
  const lab::Observation& o = shown.first(0);
  if (!o.most_waiting) return not_observed("how many units waited at once");
  if (o.units.empty()) return not_observed("where the units ran");
  const std::size_t tids = tids_of(o).size();
  return holds_if(*o.most_waiting == 2 && tids == 1,
                  "two units ran on " + count(tids, "kernel task") + "; up to " +
                      count(*o.most_waiting, "request") + " at once waited for an answer");
}

// ---- park.carrier-visible ----

std::vector<Trial> carrier_visible(const lab::Machine&) {
  lab::Recording calls;
  calls.syscalls = true;
  return {{"blocking-io", "virtual", {.tasks = 211, .delay_ns = 20 * kMillisecond}, calls, 1}};
}

// Each unit reads a socket. Who is seen to call read(2)?
Check judge_carrier_visible(const Shown& shown) {
  const lab::Observation& o = shown.first(0);
  const auto& calls = o.kernel.details.syscalls.value;
  if (!calls) return not_observed("system calls");
  const auto carriers = caused(o, Action::start_carrier);
  if (!carriers) return not_observed("the number of new kernel tasks");
  std::uint64_t by_carriers = 0, by_others = 0;
  for (const result::SystemCall& row : calls->rows) {
    if (row.call != "read" && row.call != "recvfrom") continue;
    (row.made_by == text(Action::start_carrier).key ? by_carriers : by_others) += row.entered();
  }
  return holds_if(by_others == 0 && by_carriers >= o.experiment.params.tasks,
                  count(o.experiment.params.tasks, "unit") +
                      " read a socket: " + count(by_carriers, "read") + " by " +
                      count(*carriers, "carrier") + ", " + n(by_others) + " by any other task");
}

const Proof kProofs[] = {
    {.id = "park.carrier-free",
     .statement = "when a unit blocks, its carrier runs others",
     .where = "A§1, §4, §10",
     .trials = carrier_free,
     .judge = judge_carrier_free},
    {.id = "park.carrier-visible",
     .statement = "a system call inside a unit is seen as its carrier's",
     .where = "A§11",
     .trials = carrier_visible,
     .judge = judge_carrier_visible},
    {.id = "park.java-pin",
     .statement =
         "Java: `synchronized` around blocking pinned the carrier before JDK 24, not after",
     .where = "A§10",
     .lacking = "needs JDK 21 and a JDK of 24 or later; comes with the foreign modes"},
};

}  // namespace

extern const ProofGroup proofs_park;
const ProofGroup proofs_park{"Blocking, parking, system calls", kProofs};

}  // namespace vtlab::prove
