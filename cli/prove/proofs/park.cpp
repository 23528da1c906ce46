// park.cpp — blocking, parking and system calls: who waits, and who is seen to call.
#include <algorithm>
#include <set>

#include "prove/judging.h"
#include "prove/proofs/foreign.h"
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
           1},
          blocking_in_go()};
}

// Go has some Ms before the window, which may be the first to take the P.
Check judge_handoff_in_go(const lab::Observation& o) {
  if (!o.most_waiting) return not_observed("how many units waited at once");
  const auto made = caused(o, Action::start_m);
  if (!made) return not_observed("the number of new kernel tasks");
  const Params& p = o.experiment.params;
  return holds_if(
      *o.most_waiting > p.carriers && *made > 0 && *made + o.at_gate.threads >= *o.most_waiting,
      "in " + name_of_runtime(o) + " up to " + n(*o.most_waiting) + " at once with " +
          count(p.carriers, "P") + ", and " + count(*made, "new M") + " beside the " +
          n(o.at_gate.threads) + " threads that it began with");
}

Check judge_handoff(const Shown& shown) {
  return all_of({judge_stood_in_for(shown.first(0), Action::start_m, "P"),
                 if_there(shown, 1, [&] { return judge_handoff_in_go(shown.first(1)); })});
}

// ---- park.java-pin: the same classes on a JDK that pins within a monitor, and on one that does not ----

std::vector<Trial> java_pin(const lab::Machine&) {
  const auto in_monitors = [](std::string_view mode) {
    return Trial{
        "pinned", mode, {.tasks = 53, .carriers = 2, .delay_ns = 50 * kMillisecond}, {}, 1};
  };
  return {in_monitors("java-virtual@21"), in_monitors("java-virtual@25")};
}

Check judge_java_pin(const Shown& shown) {
  const lab::Observation &old = shown.first(0), &young = shown.first(1);
  if (!old.most_waiting || !young.most_waiting)
    return not_observed("how many units waited at once");
  const std::uint64_t carriers = old.experiment.params.carriers;
  const std::uint64_t took[] = {old.end_ns - old.start_ns, young.end_ns - young.start_ns};
  const auto seen = [&](const lab::Observation& o, std::uint64_t ns) {
    return name_of_runtime(o) + ": up to " + n(*o.most_waiting) + " at once, all in " +
           claims::milliseconds(ns);
  };
  return holds_if(
      *old.most_waiting <= carriers && *young.most_waiting > carriers && took[0] >= 2 * took[1],
      count(old.experiment.params.tasks, "unit") + " read a socket within a monitor, on " +
          count(carriers, "carrier") + ". " + seen(old, took[0]) + "; " + seen(young, took[1]));
}

// ---- park.states, park.completion: one run, what the runtime logged beside what the kernel saw ----

std::vector<Trial> logged(const lab::Machine&) {
  lab::Recording calls;
  calls.syscalls = true;
  return {{"blocking-io",
           "virtual",
           {.tasks = 211, .delay_ns = 20 * kMillisecond, .event_log = 1u << 14},
           calls,
           1}};
}

Check judge_states(const Shown& shown) {
  const lab::Observation& o = shown.first(0);
  if (o.events.empty()) return not_observed("what units did");
  if (std::any_of(o.events.begin(), o.events.end(), is_loss))
    return {Verdict::not_testable_here, "the runtime's event log was too short"};
  std::set<std::uint64_t> units;
  for (const UnitEvent& event : o.events)
    if (event.vthread) units.insert(event.vthread);
  const auto wrong = first_illegal_step({o.events.data(), o.events.size()});
  return holds_if(!wrong && units.size() == o.experiment.params.tasks,
                  count(o.events.size(), "record") + " of " + count(units.size(), "unit") + ": " +
                      (wrong ? *wrong : "each went along the state diagram"));
}

bool waits_for_descriptors(const std::string& call) {
  return call.starts_with("epoll_wait") || call.starts_with("epoll_pwait") ||
         call == "io_uring_enter";
}

// The kernel adds up calls, so it says how often, not when: no read waited in it, each that had to wait was sent
// back (EAGAIN), and the runtime woke no more units than were sent back, with what epoll had told it.
Check judge_completion(const Shown& shown) {
  const lab::Observation& o = shown.first(0);
  const auto& calls = o.kernel.details.syscalls.value;
  if (!calls) return not_observed("system calls");
  if (o.events.empty()) return not_observed("what units did");
  if (std::any_of(o.events.begin(), o.events.end(), is_loss))
    return {Verdict::not_testable_here, "the runtime's event log was too short"};
  std::uint64_t sent_back = 0, waited = 0, told = 0;
  for (const result::SystemCall& row : calls->rows) {
    if (row.made_by != text(Action::start_carrier).key) continue;
    if (waits_for_descriptors(row.call)) told += row.returned;
    if (row.call != "read") continue;
    if (row.error == "EAGAIN") sent_back += row.returned;
    if (!row.waited_for.empty()) waited += row.entered();
  }
  const auto woken = static_cast<std::uint64_t>(
      std::count_if(o.events.begin(), o.events.end(), is_unpark_by_readiness));
  if (sent_back == 0)
    return {Verdict::not_testable_here, "every answer was there before it was asked for"};
  return holds_if(waited == 0 && woken > 0 && woken <= sent_back && told > 0,
                  count(sent_back, "read") + " sent back with EAGAIN, " + n(waited) +
                      " waited in the kernel; epoll told carriers " + count(told, "time") +
                      " of descriptors, and the runtime woke " + count(woken, "unit"));
}

const Proof kProofs[] = {
    {.id = "park.carrier-free",
     .statement = "when a unit blocks, its carrier runs others",
     .where = "A§1, §4, §10",
     .trials = carrier_free,
     .judge = judge_carrier_free},
    {.id = "park.states",
     .statement = "park, unpark, mount and unmount are transitions of the runtime",
     .where = "A§2, §10",
     .trials = logged,
     .judge = judge_states},
    {.id = "park.completion",
     .statement = "the kernel gives the event, user mode resumes the unit",
     .where = "A§11",
     .trials = logged,
     .judge = judge_completion},
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
     .trials = java_pin,
     .judge = judge_java_pin},
};

}  // namespace

extern const ProofGroup proofs_park;
const ProofGroup proofs_park{"Blocking, parking, system calls", kProofs};

}  // namespace vtlab::prove
