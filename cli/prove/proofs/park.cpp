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

// Each unit reads a socket. Who is seen to call read(2)? The thread that the process began with calls it, too, but
// only for the two bytes at its gate (docs/child-protocol.md).
Check judge_carrier_visible(const Shown& shown) {
  constexpr std::uint64_t kGate = 2;
  const lab::Observation& o = shown.first(0);
  const auto& calls = o.kernel.details.syscalls.value;
  if (!calls) return not_observed("system calls");
  const auto carriers = caused(o, Action::start_carrier);
  if (!carriers) return not_observed("the number of new kernel tasks");
  std::uint64_t by_carriers = 0, by_others = 0;
  for (const result::SystemCall& row : calls->rows) {
    if (row.call != "read") continue;
    (row.made_by == text(Action::start_carrier).key ? by_carriers : by_others) += row.entered();
  }
  return holds_if(by_others <= kGate && by_carriers >= o.experiment.params.tasks,
                  count(o.experiment.params.tasks, "unit") + " read a socket: " +
                      count(by_carriers, "read") + " by " + count(*carriers, "carrier") + ", " +
                      n(by_others) + " by any other task (at the gate)");
}

// ---- park.pinned: the runtime was not told of the call, or it was ----

std::vector<Trial> pinned(const lab::Machine&) {
  return {{"pinned", "virtual", {.tasks = 53, .delay_ns = 10 * kMillisecond}, {}, 1},
          {"blocking-syscall", "virtual", {.tasks = 53, .delay_ns = 50 * kMillisecond}, {}, 1}};
}

Check judge_held(const lab::Observation& o) {
  if (!o.most_waiting) return not_observed("how many units waited at once");
  if (!o.kernel.kernel_tasks) return not_observed("the number of new kernel tasks");
  const Params& p = o.experiment.params;
  const std::uint64_t in_turn = p.delay_ns * p.tasks / p.carriers, took = o.end_ns - o.start_ns;
  return holds_if(*o.most_waiting <= p.carriers && *o.kernel.kernel_tasks <= p.carriers &&
                      took >= in_turn / 10 * 8,
                  count(p.tasks, "unit") + " in a call that the runtime does not know of: up to " +
                      n(*o.most_waiting) + " at once on " + count(p.carriers, "carrier") +
                      ", all in " + claims::milliseconds(took) +
                      " (in turn: " + claims::milliseconds(in_turn) + ")");
}

// More wait at once than there are carriers or Ps, and each of them has an OS thread.
Check judge_stood_in_for(const lab::Observation& o, Action action, const std::string& of_what) {
  if (!o.most_waiting) return not_observed("how many units waited at once");
  const auto made = caused(o, action);
  if (!made) return not_observed("the number of new kernel tasks");
  return holds_if(*o.most_waiting > o.experiment.params.carriers && *made >= *o.most_waiting,
                  count(o.experiment.params.tasks, "unit") +
                      " in a call that it was told of, with " +
                      count(o.experiment.params.carriers, of_what) + ": up to " +
                      n(*o.most_waiting) + " at once, and " + count(*made, "new kernel task") +
                      " by '" + std::string(text(action).title) + "'");
}

Check judge_pinned(const Shown& shown) {
  return all_of({judge_held(shown.first(0)),
                 judge_stood_in_for(shown.first(1), Action::start_carrier, "carrier")});
}

// ---- park.handoff ----

std::vector<Trial> handoff(const lab::Machine&) {
  return {{"blocking-syscall",
           "gmp",
           {.tasks = 53, .carriers = 1, .delay_ns = 50 * kMillisecond},
           {},
           1}};
}

Check judge_handoff(const Shown& shown) {
  return judge_stood_in_for(shown.first(0), Action::start_m, "P");
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
    {.id = "park.pinned",
     .statement = "a blocking call that the runtime cannot turn into parking holds the carrier",
     .where = "A§3, §10",
     .trials = pinned,
     .judge = judge_pinned},
    {.id = "park.handoff",
     .statement = "Go: an M that enters a system call gives its P away",
     .where = "A§4",
     .trials = handoff,
     .judge = judge_handoff},
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
