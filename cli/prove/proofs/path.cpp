// path.cpp — the kernel's path: whatever asks for a task, the same functions make it.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "lab/foreign/start.h"
#include "prove/judging.h"
#include "prove/proofs/creations.h"
#include "prove/proofs/foreign.h"
#include "scenarios/creation_ways.h"

namespace vtlab::prove {
namespace {

using result::Creation;
using result::Stage;

std::vector<Trial> every_way(const lab::Machine&) {
  return {{"creation-paths", "platform", {.tasks = 97}, {.creations = true}, 1}};
}

// And new threads of the JVM and of Go.
std::vector<Trial> every_way_and_runtimes(const lab::Machine& machine) {
  std::vector<Trial> trials = every_way(machine);
  trials.push_back(blocking_in_go({.creations = true}));
  trials.push_back({"spawn-join", "java-platform", {.tasks = 97}, {.creations = true}, 1, true});
  return trials;
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

Check judge_ways(const lab::Observation& seen) {
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
              ", once and in this order: " + ways};
}

// New Ms of Go, and new threads of the JVM: what they are started for is not published, and all are alike.
Check road_of_runtime(const lab::Observation& seen) {
  if (const auto missing = no_records(seen)) return *missing;
  const auto& all = seen.kernel.details.creations.value->records;
  const auto woken = counted(seen, "wake_new");
  if (all.empty() || !woken)
    return {Verdict::not_testable_here, "no new thread of " + name_of_runtime(seen) + " was seen"};
  const bool same = std::all_of(all.begin(), all.end(), took_the_road) && *woken == all.size();
  return {
      same ? Verdict::holds : Verdict::refuted,
      so_many(all.size(), name_of_runtime(seen)) +
          (same ? " the same way" : ", of which one lacks a stage, or has them in another order")};
}

Check judge_one_road(const Shown& shown) {
  Check check = judge_ways(shown.first(0));
  for (const std::size_t runtime : {1, 2})
    check = all_of(
        {check, if_there(shown, runtime, [&] { return road_of_runtime(shown.first(runtime)); })});
  return check;
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

// By name of the library or runtime, for those that were seen to make a thread.
std::map<std::string, std::string> calls_for_threads(const Shown& shown) {
  std::map<std::string, std::string> calls{
      {"glibc", calls_of(attempts(shown.first(0), Action::pthread_create))},
      {"musl", calls_of(attempts(shown.first(0), Action::musl_thread))}};
  for (const std::size_t runtime : {1, 2}) {
    if (shown.runs[runtime].empty()) continue;
    const lab::Observation& seen = shown.first(runtime);
    std::vector<const Creation*> all;
    for (const Creation& c : seen.kernel.details.creations.value->records) all.push_back(&c);
    calls[name_of_runtime(seen)] = calls_of(all);
  }
  std::erase_if(calls, [](const auto& each) { return each.second.empty(); });
  return calls;
}

Check judge_wrappers(const Shown& shown) {
  for (const auto& runs : shown.runs)
    if (!runs.empty())
      if (const auto missing = no_records(*runs.front())) return *missing;
  const auto calls = calls_for_threads(shown);
  if (!calls.count("glibc")) return nothing_seen_of(Action::pthread_create);
  if (calls.size() < 2)
    return {Verdict::not_testable_here,
            "vtlab was built without a second C library (Debian: musl-tools), so glibc's "
            "pthread_create (" +
                calls.at("glibc") + ") has nothing to be compared with" + what_lacks(shown)};
  std::string text, others;
  std::set<std::string> distinct;
  for (const auto& [whose, call] : calls) {
    distinct.insert(call);
    text += (text.empty() ? "" : ", ") + whose + " calls " + call;
  }
  for (const Action action : {Action::call_fork, Action::vfork, Action::posix_spawn})
    others += ", " + std::string(vtlab::text(action).title) + " " +
              calls_of(attempts(shown.first(0), action));
  return {
      distinct.size() > 1 ? Verdict::holds : Verdict::refuted,
      "to make a thread, " + text + "; glibc's others: " + others.substr(2) + what_lacks(shown)};
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
  const auto foreign = [&](std::string_view mode, std::uint32_t units) {
    Trial made = trial(mode, units);
    made.may_lack = true;
    return made;
  };
  return {trial("virtual", kUnits),
          trial("virtual", 10 * kUnits),
          trial("gmp", kUnits),
          trial("gmp", 10 * kUnits),
          trial("platform", kUnits),
          foreign("go", kUnits),
          foreign("go", 10 * kUnits),
          foreign("java-virtual", kUnits),
          foreign("java-virtual", 10 * kUnits)};
}

constexpr std::array<std::string_view, 3> kCounters = {"kernel_clone", "copy_process", "wake_new"};

// What is not one per unit has a bound that knows nothing of units: carriers, Ms and sysmon, or what a JVM may start
// for itself (claims/foreign.cpp).
std::uint64_t most_for_itself(std::string_view mode, std::uint64_t carriers) {
  if (mode == "gmp" || mode == "go") return 2 * carriers + 3;
  return carriers + (mode == "java-virtual" ? 32 : 0);
}

// "virtual: 1009 units 2, 2, 2; 10090 units 2, 2, 2"
Check judge_not_per_unit(const Shown& shown) {
  std::string because;
  bool holds = true;
  for (std::size_t trial = 0; trial < shown.runs.size(); ++trial) {
    if (shown.runs[trial].empty()) continue;
    const lab::Observation& seen = shown.first(trial);
    const Params& params = seen.experiment.params;
    const std::string mode(lab::name_without_version(*seen.experiment.mode));
    because += (trial ? "; " : "") + mode + ", " + std::to_string(params.tasks) + " units:";
    for (const std::string_view counter : kCounters) {
      const auto count = counted(seen, counter);
      if (!count)
        return {Verdict::not_testable_here, std::string(counter) + " could not be counted"};
      because += " " + std::to_string(*count);
      holds = holds && (mode == "platform" ? *count >= params.tasks
                                           : *count <= most_for_itself(mode, params.carriers));
    }
  }
  return {holds ? Verdict::holds : Verdict::refuted,
          "times through kernel_clone, copy_process and wake_up_new_task: " + because +
              what_lacks(shown)};
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
     .statement = "fork, vfork, posix_spawn, pthread_create, clone, clone3, a new M of Go and a "
                  "new thread of "
                  "a JVM all go kernel_clone → "
                  "copy_process → wake_up_new_task",
     .where = "A§5, §8",
     .trials = every_way_and_runtimes,
     .judge = judge_one_road},
    {.id = "path.wrappers",
     .statement = "which system call makes a thread depends on the C library or runtime",
     .where = "A§5, §6",
     .trials = every_way_and_runtimes,
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
