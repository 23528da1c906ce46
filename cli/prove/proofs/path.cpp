// path.cpp — the kernel's path: whatever asks for a task, the same functions make it.
#include <algorithm>
#include <array>
#include <map>

#include "prove/judging.h"
#include "prove/proofs/creations.h"
#include "scenarios/creation_ways.h"

namespace vtlab::prove {
namespace {

using result::Creation;
using result::Stage;

constexpr const char* kForeign = "Go and the JVM come with the foreign modes";

std::vector<Trial> every_way(const lab::Machine&) {
  return {{"creation-paths", "platform", {.tasks = 97}, {.creations = true}, 1}};
}

// Those in which somebody asks for a task and gets it.
constexpr Action kAsked[] = {
    Action::call_fork,          Action::vfork,       Action::posix_spawn,
    Action::pthread_create,     Action::raw_clone,   Action::raw_clone3,
    Action::start_musl_program, Action::musl_thread, Action::start_platform_thread};

Check nothing_seen_of(Action action) {
  return {Verdict::not_testable_here,
          "no attempt was seen by '" + std::string(text(action).title) + "'"};
}

bool is_refused_everywhere(const std::vector<const Creation*>& some, std::string_view error) {
  return !some.empty() && std::all_of(some.begin(), some.end(),
                                      [&](const Creation* c) { return c->error == error; });
}

// Asked for, copied, made runnable, each once; kernel_clone around the copy.
bool took_the_road(const Creation& c) {
  const auto asked = at(c, Stage::asked), copied = at(c, Stage::copy_process),
             woken = at(c, Stage::wake_up), begun = at(c, Stage::kernel_clone),
             forked = at(c, Stage::sched_process_fork);
  if (!c.tid || !asked || !copied || !woken || (!begun && !forked)) return false;
  if (begun && !(*asked <= *begun && *begun <= *copied)) return false;
  if (forked && !(*copied <= *forked && *forked <= *woken)) return false;
  return *asked <= *copied && *copied <= *woken;
}

Check judge_one_road(const Shown& shown) {
  const lab::Observation& seen = shown.first(0);
  if (const auto missing = no_records(seen)) return *missing;
  std::size_t tasks = 0;
  std::string ways;
  for (const Action action : kAsked) {
    const auto some = attempts(seen, action);
    if (is_refused_everywhere(some, "ENOSYS")) continue;  // clone3, by a container's filter
    for (const Creation* c : some) {
      if (took_the_road(*c)) continue;
      return {Verdict::refuted, "task " + std::to_string(c->tid.value_or(0)) + " by '" +
                                    std::string(text(action).title) +
                                    "' lacks a stage, or has them in another order"};
    }
    if (some.empty()) continue;
    tasks += some.size();
    ways += (ways.empty() ? "" : ", ") + so_many(some.size(), text(action).title);
  }
  if (attempts(seen, Action::start_platform_thread).empty())
    return nothing_seen_of(Action::start_platform_thread);
  const auto copied = counted(seen, "copy_process"), woken = counted(seen, "wake_new");
  if (!copied || !woken)
    return {Verdict::not_testable_here, "copy_process or wake_up_new_task could not be counted"};
  // Each stage once: those that nobody asked for (path.exceptions) are the only ones besides.
  const std::size_t workers = attempts(seen, Action::io_uring_worker).size();
  if (*copied != tasks + workers || *woken != *copied)
    return {Verdict::refuted, std::to_string(tasks) +
                                  " tasks that were asked for, but copy_process " +
                                  std::to_string(*copied) + " times and wake_up_new_task " +
                                  std::to_string(*woken) + " times"};
  const bool by_function =
      at(*attempts(seen, Action::start_platform_thread).front(), Stage::kernel_clone).has_value();
  return {Verdict::holds,
          std::to_string(tasks) + " tasks, each asked for by a system call, then " +
              (by_function ? "kernel_clone, copy_process, wake_up_new_task"
                           : "copy_process, the end of kernel_clone (sched_process_fork), "
                             "wake_up_new_task") +
              ", once and in this order: " + ways + ". " + kForeign};
}

// "clone3" if all did the same, else "clone and clone3".
std::string calls_of(const std::vector<const Creation*>& some) {
  std::map<std::string, std::size_t> calls;
  for (const Creation* c : some)
    if (c->error.empty()) ++calls[c->asked_by];
  std::string text;
  for (const auto& [call, count] : calls) text += (text.empty() ? "" : " and ") + call;
  return text;
}

Check judge_wrappers(const Shown& shown) {
  const lab::Observation& seen = shown.first(0);
  if (const auto missing = no_records(seen)) return *missing;
  const std::string glibc = calls_of(attempts(seen, Action::pthread_create)),
                    musl = calls_of(attempts(seen, Action::musl_thread));
  if (glibc.empty()) return nothing_seen_of(Action::pthread_create);
  if (musl.empty())
    return {Verdict::not_testable_here,
            "vtlab was built without a second C library (Debian: musl-tools), so glibc's "
            "pthread_create "
            "(" +
                glibc + ") has nothing to be compared with"};
  std::string others;
  for (const Action action : {Action::call_fork, Action::vfork, Action::posix_spawn})
    others += ", " + std::string(text(action).title) + " " + calls_of(attempts(seen, action));
  return {glibc != musl ? Verdict::holds : Verdict::refuted,
          "to make a thread, glibc calls " + glibc + " and musl " + musl + "; glibc's others" +
              ": " + others.substr(2) + ". " + kForeign};
}

Check judge_clone3(const Shown& shown) {
  const lab::Observation& seen = shown.first(0);
  if (const auto missing = no_records(seen)) return *missing;
  const auto old = attempts(seen, Action::raw_clone), young = attempts(seen, Action::raw_clone3);
  if (old.empty()) return nothing_seen_of(Action::raw_clone);
  if (young.empty()) return nothing_seen_of(Action::raw_clone3);
  if (is_refused_everywhere(young, "ENOSYS"))
    return {Verdict::not_testable_here, "clone3 answers ENOSYS here: a filter forbids it"};
  const Creation& first = *old.front();
  const auto same = [&](const Creation* c) {
    bool stages = took_the_road(*c);
    for (const Stage stage : {Stage::kernel_clone, Stage::sched_process_fork})
      stages = stages && at(*c, stage).has_value() == at(first, stage).has_value();
    return stages && c->flags == first.flags && c->sharing == first.sharing;
  };
  const bool alike = std::all_of(old.begin(), old.end(), same) &&
                     std::all_of(young.begin(), young.end(), same) && calls_of(old) == "clone" &&
                     calls_of(young) == "clone3";
  return {
      alike ? Verdict::holds : Verdict::refuted,
      std::to_string(old.size()) + " tasks by clone and " + std::to_string(young.size()) +
          " by clone3 with the same flags: " +
          (alike ? "the same stages, the same sharing" : "their stages or their sharing differ")};
}

constexpr std::uint32_t kUnits = 1009;

std::vector<Trial> few_and_many(const lab::Machine&) {
  const auto trial = [](std::string_view mode, std::uint32_t units) {
    return Trial{"spawn-join", mode, {.tasks = units}, {}, 1};
  };
  return {trial("virtual", kUnits), trial("virtual", 10 * kUnits), trial("gmp", kUnits),
          trial("gmp", 10 * kUnits), trial("platform", kUnits)};
}

constexpr std::array<std::string_view, 3> kCounters = {"kernel_clone", "copy_process", "wake_new"};

// "virtual: 1009 units 2, 2, 2; 10090 units 2, 2, 2"
Check judge_not_per_unit(const Shown& shown) {
  std::string because;
  bool holds = true;
  for (std::size_t trial = 0; trial < shown.runs.size(); ++trial) {
    const lab::Observation& seen = shown.first(trial);
    const Params& params = seen.experiment.params;
    const std::string mode(seen.experiment.mode->name);
    because += (trial ? "; " : "") + mode + ", " + std::to_string(params.tasks) + " units:";
    for (const std::string_view counter : kCounters) {
      const auto count = counted(seen, counter);
      if (!count)
        return {Verdict::not_testable_here, std::string(counter) + " could not be counted"};
      because += " " + std::to_string(*count);
      // What is not one per unit has a bound that knows nothing of units: carriers, or Ms and sysmon.
      holds = holds && (mode == "platform" ? *count >= params.tasks
                        : mode == "gmp"    ? *count <= 2 * std::uint64_t{params.carriers} + 3
                                           : *count <= params.carriers);
    }
  }
  return {holds ? Verdict::holds : Verdict::refuted,
          "times through kernel_clone, copy_process and wake_up_new_task: " + because +
              ". Real goroutines come with the foreign modes"};
}

Check judge_exceptions(const Shown& shown) {
  const lab::Observation& seen = shown.first(0);
  if (const auto missing = no_records(seen)) return *missing;
  const auto asked = reported(seen, "io_uring_workers");
  if (!asked || *asked == 0)
    return {Verdict::not_testable_here, "this system refuses io_uring (kernel.io_uring_disabled?)"};
  const auto workers = attempts(seen, Action::io_uring_worker);
  const bool unasked = std::all_of(workers.begin(), workers.end(), [](const Creation* c) {
    return c->tid && at(*c, Stage::copy_process) && at(*c, Stage::wake_up) &&
           !at(*c, Stage::asked) && !in_kernel_clone(*c);
  });
  const auto failed = attempts(seen, Action::failing_clone);
  const bool taskless = std::all_of(failed.begin(), failed.end(), [](const Creation* c) {
    return c->error == "EINVAL" && !c->tid;
  });
  if (failed.empty()) return nothing_seen_of(Action::failing_clone);
  const bool holds = unasked && workers.size() == *asked && taskless;
  return {holds ? Verdict::holds : Verdict::refuted,
          std::to_string(*asked) + " units used io_uring: " + std::to_string(workers.size()) +
              " workers by copy_process, " +
              (unasked ? "without a system call that asks for a task and without kernel_clone"
                       : "some of them by a system call or kernel_clone") +
              "; " + std::to_string(failed.size()) + " clones with contradicting flags: " +
              (taskless ? "EINVAL and no task" : "not all were refused")};
}

const Proof kProofs[] = {
    {.id = "path.one-road",
     .statement =
         "fork, vfork, posix_spawn, pthread_create, clone and clone3 all go kernel_clone → "
         "copy_process → wake_up_new_task",
     .where = "A§5, §8",
     .trials = every_way,
     .judge = judge_one_road},
    {.id = "path.wrappers",
     .statement = "which system call makes a thread depends on the C library or runtime",
     .where = "A§5, §6",
     .trials = every_way,
     .judge = judge_wrappers},
    {.id = "path.clone3",
     .statement = "clone3 ends in kernel_clone, like clone",
     .where = "A§6",
     .trials = every_way,
     .judge = judge_clone3},
    {.id = "path.not-per-unit",
     .statement = "creating virtual threads and goroutines does not take that road per unit",
     .where = "A§5, §8",
     .trials = few_and_many,
     .judge = judge_not_per_unit},
    {.id = "path.exceptions",
     .statement =
         "what counts is whether the kernel needs a new task, not whether somebody says thread",
     .where = "A§8",
     .trials = every_way,
     .judge = judge_exceptions},
};

}  // namespace

extern const ProofGroup proofs_path;
const ProofGroup proofs_path{"The kernel's path", kProofs};

}  // namespace vtlab::prove
