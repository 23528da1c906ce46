// share.cpp — task_struct and what is shared: processes and threads are one kind of object, and flags decide.
#include <algorithm>
#include <set>

#include "prove/proofs/creations.h"
#include "scenarios/clone_subsets.h"

namespace vtlab::prove {
namespace {

using result::Creation;
using result::Share;

// Of kShareables the first five: mm, files, fs, sighand, signal.
using Sharing = std::array<bool, 5>;

bool shares(const Creation& c, const Sharing& wanted) {
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (c.sharing[i] != (wanted[i] ? Share::shared : Share::own)) return false;
  return true;
}

bool is_unknown(const Creation& c) {
  return std::any_of(c.sharing.begin(), c.sharing.begin() + 5,
                     [](Share share) { return share == Share::unknown; });
}

const Check kPointersUnread{Verdict::not_testable_here,
                            "the pointers in both task_structs could not be read here"};

std::string listed(const Creation& c) {
  std::string shared;
  for (std::size_t i = 0; i < 5; ++i)
    if (c.sharing[i] == Share::shared)
      shared += (shared.empty() ? "" : ", ") + std::string(result::kShareables[i]);
  return shared.empty() ? "nothing" : shared;
}

struct Kind {
  Action action;
  Sharing sharing;
};

constexpr Kind kKinds[] = {
    {Action::call_fork, {false, false, false, false, false}},
    {Action::vfork, {true, false, false, false, false}},
    {Action::posix_spawn, {true, false, false, false, false}},
    {Action::pthread_create, {true, true, true, true, true}},
};

Check judge_kinds(const Shown& shown) {
  const lab::Observation& seen = shown.first(0);
  if (const auto missing = no_records(seen)) return *missing;
  std::string because;
  for (const Kind& kind : kKinds) {
    const std::string title(text(kind.action).title);
    const auto some = attempts(seen, kind.action);
    if (some.empty()) return {Verdict::not_testable_here, "no task was seen by '" + title + "'"};
    for (const Creation* c : some) {
      if (is_unknown(*c)) return kPointersUnread;
      if (!shares(*c, kind.sharing))
        return {Verdict::refuted, "task " + std::to_string(c->tid.value_or(0)) + " by " + title +
                                      " shares " + listed(*c)};
    }
    because += (because.empty() ? "" : "; ") + std::to_string(some.size()) + " by " + title +
               " share " + listed(*some.front());
  }
  return {Verdict::holds, because + " (of mm, files, fs, sighand and signal)"};
}

// What the flags promise. CLONE_SYSVSEM shares a list of semaphore operations to undo, which no probe reads.
Sharing promised(std::uint64_t flags) {
  return {(flags & CLONE_VM) != 0, (flags & CLONE_FILES) != 0, (flags & CLONE_FS) != 0,
          (flags & CLONE_SIGHAND) != 0, (flags & CLONE_THREAD) != 0};
}

Check judge_flags(const Shown& shown) {
  const lab::Observation& seen = shown.first(0);
  if (const auto missing = no_records(seen)) return *missing;
  std::set<std::uint64_t> legal, illegal;
  std::uint64_t made = 0;
  for (const Creation* c : attempts(seen, Action::raw_clone)) {
    if (!c->flags) return {Verdict::not_testable_here, "the flags of an attempt could not be read"};
    const std::uint64_t flags = *c->flags & kAllSharingFlags;
    const auto wrong = [&](const std::string& what) {
      return Check{Verdict::refuted,
                   (c->flag_names.empty() ? "no flags" : c->flag_names) + ": " + what};
    };
    made += c->tid.has_value();
    if (is_legal(flags)) {
      if (!c->error.empty()) return wrong("legal, but refused with " + c->error);
      if (is_unknown(*c)) return kPointersUnread;
      if (!shares(*c, promised(flags))) return wrong("shares " + listed(*c));
      legal.insert(flags);
    } else {
      if (c->tid || c->error != "EINVAL")
        return wrong(c->tid ? "illegal, but a task was made" : "illegal, but " + c->error);
      illegal.insert(flags);
    }
  }
  if (legal.size() + illegal.size() != kSubsets)
    return {Verdict::not_testable_here, "only " + std::to_string(legal.size() + illegal.size()) +
                                            " of " + std::to_string(kSubsets) +
                                            " subsets were tried"};
  const auto row = static_cast<std::size_t>(Action::raw_clone);
  if (seen.kernel.by_action.size() <= row || seen.kernel.by_action[row].kernel_tasks != made)
    return {Verdict::refuted, "the records have " + std::to_string(made) +
                                  " tasks, the kernel made another number of them"};
  return {Verdict::holds, std::to_string(kSubsets) +
                              " subsets of CLONE_VM, FS, FILES, SIGHAND, THREAD and SYSVSEM: " +
                              std::to_string(legal.size()) + " shared exactly what they ask for, " +
                              std::to_string(illegal.size()) +
                              " got EINVAL and no task (what SYSVSEM shares no probe reads)"};
}

// The new tasks of a run, threads or processes, that were all alive at once.
std::vector<const Creation*> units_of(const lab::Observation& seen) {
  return attempts(seen, seen.experiment.mode->unit_action);
}

std::vector<Trial> threads_and_processes(const lab::Machine&) {
  const auto trial = [](std::string_view mode) {
    return Trial{
        "blocking-io", mode, {.tasks = 101, .delay_ns = 100'000'000}, {.creations = true}, 1};
  };
  return {trial("platform"), trial("fork")};
}

std::optional<Check> unusable(const Shown& shown) {
  for (const auto& runs : shown.runs) {
    const lab::Observation& seen = *runs.front();
    if (const auto missing = no_records(seen)) return missing;
    if (units_of(seen).empty())
      return Check{Verdict::not_testable_here, "no task of a unit was seen"};
    for (const Creation* c : units_of(seen))
      if (!c->task || c->task->kernel_stack == 0)
        return Check{Verdict::not_testable_here, "the new task_structs could not be read here"};
  }
  return std::nullopt;
}

Check judge_own(const Shown& shown) {
  if (const auto missing = unusable(shown)) return *missing;
  std::string because;
  for (const auto& runs : shown.runs) {
    const lab::Observation& seen = *runs.front();
    const std::uint64_t units = seen.experiment.params.tasks;
    const std::string mode(seen.experiment.mode->name);
    if (seen.most_waiting != units)
      return {Verdict::not_testable_here, "not all " + std::to_string(units) + " units of mode " +
                                              mode + " were alive at once"};
    std::set<std::uint64_t> tids, stacks;
    bool has_all = true;
    for (const Creation* c : units_of(seen)) {
      tids.insert(c->tid.value_or(0));
      stacks.insert(c->task->kernel_stack);
      has_all =
          has_all && !c->task->policy.empty() && c->task->prio != 0 && c->task->cpus_allowed != 0;
    }
    if (tids.size() != units || stacks.size() != units || !has_all)
      return {Verdict::refuted, mode + ": " + std::to_string(units) + " tasks alive at once have " +
                                    std::to_string(tids.size()) + " tids and " +
                                    std::to_string(stacks.size()) + " kernel stacks"};
    const result::NewTask& task = *units_of(seen).front()->task;
    because += std::to_string(units) + " in mode " + mode +
               " alive at once: " + std::to_string(tids.size()) + " tids, " +
               std::to_string(stacks.size()) + " kernel stacks, each with " + task.policy +
               ", priority " + std::to_string(task.prio) + ", " +
               std::to_string(task.cpus_allowed) + " CPUs; ";
  }
  return {Verdict::holds, because.substr(0, because.size() - 2)};
}

// What the one probe said of a task, as a picture: which stages it has, and which fields.
std::string picture(const Creation& c) {
  std::string seen;
  // Whether its first run was seen is the moment's business.
  for (std::size_t i = 0; i + 1 < c.time_ns.size(); ++i) seen += c.time_ns[i] ? '1' : '0';
  for (const Share share : c.sharing) seen += share == Share::unknown ? '0' : '1';
  seen += c.tid ? '1' : '0';
  seen += c.flags ? '1' : '0';
  seen += c.task && !c.task->policy.empty() ? '1' : '0';
  seen += c.task && c.task->kernel_stack_bytes ? '1' : '0';
  return seen;
}

Check judge_one_kind(const Shown& shown) {
  if (const auto missing = unusable(shown)) return *missing;
  std::set<std::string> pictures;
  std::string because;
  for (const auto& runs : shown.runs) {
    const auto units = units_of(*runs.front());
    for (const Creation* c : units) pictures.insert(picture(*c));
    because += (because.empty() ? "" : " and ") + std::to_string(units.size()) + " tasks in mode " +
               std::string(runs.front()->experiment.mode->name);
  }
  const bool same = pictures.size() == 1;
  return {
      same ? Verdict::holds : Verdict::refuted,
      because + (same ? ": the same probes gave the same stages and the same fields of task_struct"
                      : ": the same probes gave other stages or fields for some of them")};
}

const Proof kProofs[] = {
    {.id = "share.kinds",
     .statement = "a process gets copies of memory and files, a POSIX thread shares them",
     .where = "A§9",
     .trials = [](const lab::Machine&) -> std::vector<Trial> {
       return {{"creation-paths", "platform", {.tasks = 97}, {.creations = true}, 1}};
     },
     .judge = judge_kinds},
    {.id = "share.flags",
     .statement = "the flags of clone decide what is shared, and contradicting ones make no task",
     .where = "A§9",
     .trials = [](const lab::Machine&) -> std::vector<Trial> {
       return {{"clone-flags", "green", {.tasks = 127}, {.creations = true}, 1}};
     },
     .judge = judge_flags},
    {.id = "share.own",
     .statement =
         "every task has its own id, kernel stack, scheduling class, priority and affinity",
     .where = "A§9",
     .trials = threads_and_processes,
     .judge = judge_own},
    {.id = "share.one-kind",
     .statement = "to the kernel processes and threads are one kind of object",
     .where = "A§9",
     .trials = threads_and_processes,
     .judge = judge_one_kind},
};

}  // namespace

extern const ProofGroup proofs_share;
const ProofGroup proofs_share{"task_struct and what is shared", kProofs};

}  // namespace vtlab::prove
