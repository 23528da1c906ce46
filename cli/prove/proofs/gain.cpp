// gain.cpp — where the gain of virtual threads comes from, and where there is none.
#include <algorithm>

#include "prove/judging.h"
#include "scenarios/claims/claims.h"
#include "scenarios/claims/say.h"

namespace vtlab::prove {
namespace {

using claims::count;
using claims::n;
using claims::not_observed;

constexpr std::uint64_t kMillisecond = 1'000'000;
constexpr std::uint32_t kUnits = 1009;

Trial waiting(std::string_view mode, std::uint32_t units, std::uint64_t delay_ms) {
  return {"blocking-io", mode, {.tasks = units, .delay_ns = delay_ms * kMillisecond}, {}, 1};
}

// ---- gain.not-latency: one lone request, again and again ----

std::vector<Trial> not_latency(const lab::Machine&) {
  Trial lone = waiting("virtual", 1, 1);
  lone.repeat = 15;
  Trial on_thread = lone;
  on_thread.mode = "platform";
  return {lone, on_thread};
}

Check judge_not_latency(const Shown& shown) {
  const auto r = ratio(shown, 0, 1, median_latency_ns);
  if (!r) return not_observed("how long the request took");
  return at_least(*r, 0.9,
                  "one request answered after 1 ms takes a virtual thread " + to_text(*r) +
                      " times as long as a platform thread");
}

// ---- gain.creation ----

std::vector<Trial> creation(const lab::Machine&) {
  constexpr std::uint32_t kMany = 20011;
  return {{"spawn-join", "virtual", {.tasks = kMany}, {}, 5},
          {"spawn-join", "platform", {.tasks = kMany}, {}, 5}};
}

Check judge_creation(const Shown& shown) {
  const auto r = ratio(shown, 0, 1, wall_ns);
  if (!r) return not_observed("how long it took");
  return all_of({judge_by(claims::exist_virtual, shown, 0),
                 judge_by(claims::exist_platform, shown, 1),
                 at_most(*r, 0.1,
                         "a virtual thread is made and joined in " + to_text(*r) +
                             " of a platform thread's time")});
}

// ---- gain.blocking: as many waits at once as there are units, or as there are threads ----

std::vector<Trial> blocking(const lab::Machine&) {
  return {waiting("virtual", 211, 20), waiting("pool", 211, 20)};
}

Check judge_blocking(const Shown& shown) {
  return all_of(
      {judge_by(claims::gain_blocking, shown, 0), judge_by(claims::gain_blocking_pool, shown, 1)});
}

// ---- gain.scheduler ----

// A busy machine preempts whoever runs: switches are compared as times are.
Trial thrice(Trial trial) {
  trial.repeat = 3;
  return trial;
}

std::vector<Trial> scheduler(const lab::Machine&) {
  return {thrice(waiting("virtual", kUnits, 100)), thrice(waiting("platform", kUnits, 100))};
}

Check judge_scheduler(const Shown& shown) {
  const auto r = ratio(shown, 0, 1, switches);
  const auto ours = median(shown, 0, switches), theirs = median(shown, 1, switches);
  if (!r) return not_observed("sched_switch");
  return at_most(*r, 0.2,
                 "sched_switch per finished unit: " + to_text(*ours / kUnits) + " virtual, " +
                     to_text(*theirs / kUnits) + " platform, a ratio of " + to_text(*r));
}

// ---- gain.stack ----

std::vector<Trial> stack(const lab::Machine&) {
  // Many virtual threads, so that what the process needs once does not count as theirs.
  return {waiting("virtual", 10007, 100), waiting("platform", kUnits, 100),
          waiting("fork", kUnits, 100)};
}

std::optional<double> kernel_stacks(const lab::Observation& o) {
  if (!o.kernel.kernel_tasks) return std::nullopt;
  return static_cast<double>(*o.kernel.kernel_tasks) / o.experiment.params.tasks;
}

// Reserved addresses of a process are mostly shared with its parent, so they are compared between threads only.
Check judge_stack(const Shown& shown) {
  const Quantity resident = metric("resident_bytes_per_unit"),
                 reserved = metric("reserved_bytes_per_unit");
  std::optional<double> touched[3], stacks[3];
  for (std::size_t i = 0; i < 3; ++i) {
    touched[i] = resident(shown.first(i));
    stacks[i] = kernel_stacks(shown.first(i));
    if (!touched[i]) return not_observed("resident memory");
    if (!stacks[i]) return not_observed("the number of new kernel tasks");
  }
  const auto asked = reserved(shown.first(0)), asked_by_thread = reserved(shown.first(1));
  if (!asked || !asked_by_thread || *touched[0] == 0) return not_observed("memory");
  const auto kib = [](double bytes) { return to_text(bytes / 1024) + " KiB"; };
  const bool smaller = *touched[0] <= *touched[1] / 1.5 && *touched[1] <= *touched[2] / 1.5 &&
                       *asked <= *asked_by_thread / 8 && *stacks[0] <= *stacks[1] / 8;
  return claims::holds_if(
      smaller, "per unit, virtual, platform and fork: resident " + kib(*touched[0]) + ", " +
                   kib(*touched[1]) + ", " + kib(*touched[2]) + "; kernel stacks " +
                   to_text(*stacks[0]) + ", " + to_text(*stacks[1]) + ", " + to_text(*stacks[2]) +
                   "; addresses reserved by threads " + kib(*asked) + ", " + kib(*asked_by_thread));
}

// ---- gain.user-mode ----

std::vector<Trial> user_mode(const lab::Machine&) {
  return {thrice({"yield-storm", "virtual", {.tasks = kUnits}, {}, 1}),
          thrice({"yield-storm", "platform", {.tasks = kUnits}, {}, 1})};
}

Check judge_user_mode(const Shown& shown) {
  const auto r = ratio(shown, 0, 1, switches);
  const auto ours = median(shown, 0, switches), theirs = median(shown, 1, switches);
  const auto mounts = reported(shown.first(0), "unit_switches");
  if (!r) return not_observed("sched_switch");
  if (!mounts) return not_observed("how often units were mounted");
  const auto whole = [](double number) { return n(static_cast<std::uint64_t>(number)); };
  const std::string seen = "the same yields: " + n(*mounts) + " switches of virtual threads with " +
                           whole(*ours) + " sched_switch; " + whole(*theirs) +
                           " sched_switch with platform threads, a ratio of " + to_text(*r);
  if (static_cast<double>(*mounts) < 10 * *ours) return {Verdict::refuted, seen};
  return at_most(*r, 0.2, seen);
}

// ---- gain.not-cpu ----

std::vector<Trial> not_cpu(const lab::Machine& machine) {
  const std::uint32_t cpus = std::max(1u, machine.host.cpus);
  return {{"cpu-bound", "virtual", {.tasks = 100 * cpus}, {}, 5},
          {"cpu-bound", "platform", {.tasks = cpus}, {}, 5}};
}

Check judge_not_cpu(const Shown& shown) {
  const auto r = ratio(shown, 0, 1, wall_ns);
  if (!r) return not_observed("how long it took");
  const std::string seen = "the same computing, cut for " +
                           count(shown.first(0).experiment.params.tasks, "virtual thread") +
                           ", takes " + to_text(*r) + " times as long as for " +
                           count(shown.first(1).experiment.params.tasks, "platform thread");
  const Check no_gain = at_least(*r, 0.9, seen);
  return no_gain.verdict == Verdict::holds ? at_most(*r, 1.1, seen) : no_gain;
}

const Proof kProofs[] = {
    {.id = "gain.not-cpu",
     .statement = "CPU-bound work gains nothing from more units than cores",
     .where = "A§3, §12",
     .trials = not_cpu,
     .judge = judge_not_cpu},
    {.id = "gain.not-latency",
     .statement = "a virtual thread is not a faster thread: one lone request is not served sooner",
     .where = "A§Abstract, §3",
     .trials = not_latency,
     .judge = judge_not_latency},
    {.id = "gain.creation",
     .statement = "creating a unit needs no clone()",
     .where = "A§3.1",
     .trials = creation,
     .judge = judge_creation},
    {.id = "gain.blocking",
     .statement = "waiting does not hold an OS thread",
     .where = "A§3, §3.2, §10",
     .trials = blocking,
     .judge = judge_blocking},
    {.id = "gain.scheduler",
     .statement = "fewer kernel scheduling events",
     .where = "A§3.3",
     .trials = scheduler,
     .judge = judge_scheduler},
    {.id = "gain.stack",
     .statement = "small stacks on demand instead of large fixed ones",
     .where = "A§3.4",
     .trials = stack,
     .judge = judge_stack},
    {.id = "gain.user-mode",
     .statement =
         "the gain is made in user mode: units are switched without the kernel's scheduler",
     .where = "A§7",
     .trials = user_mode,
     .judge = judge_user_mode},
};

}  // namespace

extern const ProofGroup proofs_gain;
const ProofGroup proofs_gain{"Where the gain comes from, and where there is none", kProofs};

}  // namespace vtlab::prove
