// calls.cpp — system calls: which of them stand behind one line of a program, and which calls are none.
#include <algorithm>
#include <map>
#include <set>

#include "prove/judging.h"
#include "prove/proof.h"
#include "scenarios/catalogue.h"

namespace vtlab::prove {
namespace {

using result::SystemCall;

std::optional<Check> no_calls(const lab::Observation& seen) {
  return no_records(seen.kernel.details.syscalls, "only eBPF sees system calls");
}

struct Calls {
  std::uint64_t entered = 0, blocked = 0, failed = 0;
};

std::map<std::string, Calls> by_name(const lab::Observation& seen) {
  std::map<std::string, Calls> all;
  for (const SystemCall& row : seen.kernel.details.syscalls.value->rows) {
    Calls& calls = all[row.call];
    calls.entered += row.entered();
    if (!row.waited_for.empty()) calls.blocked += row.returned;
    if (!row.error.empty() && !row.begins_anew()) calls.failed += row.returned;
  }
  return all;
}

// Those that a read of a socket can be made of.
constexpr std::string_view kOfReading[] = {
    "read",        "recvfrom",     "write", "sendto", "epoll_ctl",     "epoll_wait",
    "epoll_pwait", "epoll_pwait2", "poll",  "ppoll",  "io_uring_enter"};

double per_unit(std::uint64_t count, const lab::Observation& seen) {
  return static_cast<double>(count) / seen.experiment.params.tasks;
}

struct Operation {
  std::string text;             ///< "read 2.01 (1.00 failed), epoll_ctl 1.00"
  std::set<std::string> calls;  ///< made at least once for every second unit
  bool reads_block = false;     ///< the most of them
  double reads = 0;
};

Operation operation(const lab::Observation& seen) {
  Operation done;
  const auto all = by_name(seen);
  for (const std::string_view name : kOfReading) {
    const auto found = all.find(std::string(name));
    if (found == all.end()) continue;
    const Calls& calls = found->second;
    const double count = per_unit(calls.entered, seen);
    if (count >= 0.5) done.calls.insert(found->first);
    done.text += (done.text.empty() ? "" : ", ") + found->first + " " + to_text(count);
    const double blocked = per_unit(calls.blocked, seen), failed = per_unit(calls.failed, seen);
    if (blocked >= 0.01) done.text += " (" + to_text(blocked) + " blocked)";
    if (failed >= 0.01) done.text += " (" + to_text(failed) + " failed)";
    if (name == "read") done.reads = count;
    if (name == "read" || name == "recvfrom") done.reads_block |= blocked >= 0.5;
  }
  return done;
}

Trial reading(std::string_view mode) {
  const bool may_lack = find_mode(mode)->foreign.has_value();
  return {"same-call",        mode, {.tasks = 101, .delay_ns = 50'000'000},
          {.syscalls = true}, 1,    may_lack};
}

Check judge_same_name(const Shown& shown) {
  std::set<std::pair<std::set<std::string>, bool>> paths;
  std::string because;
  for (std::size_t trial = 0; trial < shown.runs.size(); ++trial) {
    if (shown.runs[trial].empty()) continue;
    const lab::Observation& seen = shown.first(trial);
    if (const auto missing = no_calls(seen)) return *missing;
    const Operation done = operation(seen);
    paths.insert({done.calls, done.reads_block});
    because += (because.empty() ? "" : "; ") + std::string(seen.experiment.mode->name) + ": " +
               (done.text.empty() ? "none" : done.text);
  }
  return {paths.size() >= 2 ? Verdict::holds : Verdict::refuted,
          "system calls per request and answer: " + because + what_lacks(shown)};
}

Check judge_not_fewer(const Shown& shown) {
  std::string because;
  double of_virtual = 0;
  for (const auto& runs : shown.runs) {
    const lab::Observation& seen = *runs.front();
    if (const auto missing = no_calls(seen)) return *missing;
    const Operation done = operation(seen);
    std::uint64_t all = 0;
    for (const auto& [name, calls] : by_name(seen)) all += calls.entered;
    const bool is_virtual = seen.experiment.mode->name == "virtual";
    if (is_virtual) of_virtual = done.reads;
    because += (because.empty() ? "" : "; ") + std::string(seen.experiment.mode->name) + ": " +
               to_text(per_unit(all, seen)) + " system calls per unit, of these " + done.text;
  }
  // By name: the read that the unit asked for is among them, at least once for each.
  return {of_virtual >= 1 ? Verdict::holds : Verdict::refuted, because};
}

Check judge_vdso(const Shown& shown) {
  const lab::Observation& seen = shown.first(0);
  if (const auto missing = no_calls(seen)) return *missing;
  const auto without = reported(seen, "vdso_calls");
  if (!without || *without < 1'000'000)
    return {Verdict::not_testable_here, "the workload made too few calls by the vDSO"};
  const auto all = by_name(seen);
  const auto found = all.find("clock_gettime");
  const std::uint64_t entered = found == all.end() ? 0 : found->second.entered;
  const std::uint64_t control = seen.experiment.params.tasks;
  if (entered < control)
    return {Verdict::not_testable_here, "of " + std::to_string(control) +
                                            " calls by syscall(2) the probe saw only " +
                                            std::to_string(entered)};
  const std::string counts = std::to_string(*without) + " calls of clock_gettime by the vDSO and " +
                             std::to_string(control) + " by syscall(2): the kernel was entered " +
                             std::to_string(entered) + " times";
  return entered == control
             ? Check{Verdict::holds, counts}
             : Check{Verdict::refuted, counts +
                                           "; can user mode read this machine's clock source "
                                           "(/sys/devices/system/clocksource)?"};
}

const Proof kProofs[] = {
    {.id = "park.same-name",
     .statement = "a 'blocking read' is another path through the kernel in each runtime",
     .where = "A§5",
     .trials = [](const lab::Machine&) -> std::vector<Trial> {
       return {reading("platform"),     reading("virtual"),    reading("gmp"),
               reading("green"),        reading("event-loop"), reading("java-platform"),
               reading("java-virtual"), reading("go")};
     },
     .judge = judge_same_name},
    {.id = "park.not-fewer-syscalls",
     .statement = "system calls are not abolished, only no longer bound to a thread per unit",
     .where = "A§10",
     .trials = [](const lab::Machine&) -> std::vector<Trial> {
       return {reading("platform"), reading("virtual")};
     },
     .judge = judge_not_fewer},
    {.id = "park.vdso",
     .statement = "some calls never enter the kernel",
     .where = "A§5",
     .trials = [](const lab::Machine&) -> std::vector<Trial> {
       return {{"vdso", "virtual", {.tasks = 1009}, {.syscalls = true}, 1}};
     },
     .judge = judge_vdso},
};

}  // namespace

extern const ProofGroup proofs_calls;
const ProofGroup proofs_calls{"Blocking, parking, system calls", kProofs};

}  // namespace vtlab::prove
