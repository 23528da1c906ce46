// Every rung of every question, forced once: it counts exactly, or it is refused with a reason.
//
// Prints one line per rung, which tests/vm turns into docs/kernel-support.md.
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <thread>

#include "kernel/observed_program.h"

namespace vtlab::test {
namespace {

using probes::Counter;
using probes::Rung;
using probes::Session;

// Primes that differ, so that no match is luck.
constexpr std::uint64_t kForks = 97, kFailures = 13, kThreads = 89;
constexpr std::uint64_t kCalls = 1009;
constexpr int kBlockingReads = 101;

void fork_and_fail() {
  for (std::uint64_t i = 0; i < kForks; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    waitpid(child, nullptr, 0);
  }
  for (std::uint64_t i = 0; i < kFailures; ++i) {
    // clone(2): CLONE_SIGHAND without CLONE_VM is EINVAL.
    if (syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0) >= 0) _exit(9);
  }
}

void start_threads() {
  for (std::uint64_t i = 0; i < kThreads; ++i) std::thread([] {}).join();
}

void make_calls() {
  for (std::uint64_t i = 0; i < kCalls; ++i) syscall(SYS_getppid);
}

// What the kernel itself has counted of a process with one thread (proc(5): status).
std::uint64_t switches_in_procfs(pid_t process) {
  const std::string status = proc(process, "status");
  std::uint64_t sum = 0;
  for (const std::string_view field : {"\nvoluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:"})
    sum += std::stoull(status.substr(status.find(field) + field.size()));
  return sum;
}

struct Switches {
  std::uint64_t counted = 0, in_procfs = 0;
};

// A process that blocks in read() again and again; both sources are read while it waits.
Switches observe_switches(Session& session) {
  int to_child[2], to_parent[2];
  REQUIRE(pipe(to_child) == 0);
  REQUIRE(pipe(to_parent) == 0);
  const pid_t program = fork();
  char byte = 0;
  if (program == 0) {
    close(to_child[1]);
    while (read(to_child[0], &byte, 1) == 1 && write(to_parent[1], &byte, 1) == 1) {
    }
    _exit(0);
  }
  session.follow(static_cast<std::uint32_t>(program), 1);
  const auto both = [&] {
    wait_until_it_waits(program);
    return Switches{session.read().counts[static_cast<std::size_t>(Counter::switches)].value_or(0),
                    switches_in_procfs(program)};
  };
  const Switches before = both();
  for (int i = 0; i < kBlockingReads; ++i) {
    static_cast<void>(!write(to_child[1], "b", 1));
    REQUIRE(read(to_parent[0], &byte, 1) == 1);
    wait_until_it_waits(program);
  }
  const Switches after = both();
  for (const int fd : {to_child[0], to_child[1], to_parent[0], to_parent[1]}) close(fd);
  waitpid(program, nullptr, 0);
  return {after.counted - before.counted, after.in_procfs - before.in_procfs};
}

struct Counted {
  std::uint64_t seen = 0, truth = 0;
};

// One session in which this rung was forced, and what it saw of each question.
struct Forced {
  std::vector<probes::Attached> questions;
  std::map<Counter, Counted> counts;
  std::uint64_t in_ledger = 0, sharing = 0, skipped = 0;

  bool asked(Counter counter) const {
    return std::any_of(questions.begin(), questions.end(), [&](const probes::Attached& question) {
      return question.counter == counter && question.rung;
    });
  }
};

Forced force(Rung rung) {
  Session session({.record_creations = true, .record_calls = true, .only = rung});
  Forced forced{session.attached(), {}, 0, 0, 0};
  if (!forced.asked(Counter::wake_new)) return forced;  // nobody would follow the tree
  const Window forks = observe_program(session, fork_and_fail);
  const Window threads = observe_program(session, start_threads);
  const Window nothing = observe_program(session, [] {});
  const Window calls = observe_program(session, make_calls);
  const Switches switches = observe_switches(session);
  const auto sum = [&](Counter counter, std::uint64_t truth) {
    if (forced.asked(counter))
      forced.counts[counter] = {forks.count(counter) + threads.count(counter), truth};
  };
  const auto& asking = forced.questions[static_cast<std::size_t>(Counter::kernel_clone)].rung;
  const bool sees_failures = asking && probes_function(*asking);
  sum(Counter::kernel_clone, kForks + kThreads + (sees_failures ? kFailures : 0));
  sum(Counter::copy_process, kForks + kThreads);
  sum(Counter::wake_new, kForks + kThreads);
  // Every call that came in went out, the failed ones too.
  sum(Counter::sys_enter, kForks + kThreads + kFailures);
  sum(Counter::sys_exit, kForks + kThreads + kFailures);
  // A program makes more calls than its body does, and always the same.
  for (const Counter counter : {Counter::calls, Counter::returns}) {
    if (forced.asked(counter))
      forced.counts[counter] = {calls.count(counter) - nothing.count(counter), kCalls};
  }
  // A thread can be joined before it has got to sched_process_exit; a process cannot be reaped.
  if (forced.asked(Counter::exits))
    forced.counts[Counter::exits] = {forks.count(Counter::exits), kForks};
  if (forced.asked(Counter::switches))
    forced.counts[Counter::switches] = {switches.counted, switches.in_procfs};
  forced.in_ledger = forks.by_action(0) + threads.by_action(0);
  forced.sharing = forks.sharing(0) + threads.sharing(0);
  forced.skipped = skipped_runs(session);
  return forced;
}

void print(Counter counter, Rung rung, const std::string& hook, const std::string& answer) {
  std::cout << "rung: " << text(counter).id << " " << name(rung) << " " << hook << " " << answer
            << "\n";
}

}  // namespace

TEST_CASE("every rung that is forced counts exactly, or is refused with a reason", "[rungs]") {
  VTLAB_NEEDS_BPF();
  for (const Rung rung : probes::kRungs) {
    CAPTURE(name(rung));
    Forced forced = force(rung);
    for (int again = 0; forced.skipped != 0 && again < 4; ++again) forced = force(rung);
    CHECK(forced.skipped == 0);
    for (const auto& question : forced.questions) {
      const std::string_view id = text(question.counter).id;
      CAPTURE(id);
      for (const probes::Trial& no : question.refused) {
        if (no.rung != rung) continue;
        CHECK_FALSE(no.because.empty());
        print(no.counter, rung, no.hook, no.because);
      }
      if (question.rung != rung) continue;
      const auto count = forced.counts.find(question.counter);
      if (count == forced.counts.end()) {
        print(question.counter, rung, question.hook,
              forced.asked(Counter::wake_new)
                  ? "attached, but no test knows what it should count"
                  : "attached, but not counted: on this rung nothing follows the observed tree");
        continue;
      }
      const auto [seen, truth] = count->second;
      CHECK(truth > 0);
      CHECK(seen == truth);
      if (question.counter == Counter::wake_new) CHECK(forced.in_ledger == truth);
      if (question.counter == Counter::copy_process) CHECK(forced.sharing == kThreads);
      print(question.counter, rung, question.hook, seen == truth ? "exact" : "wrong");
    }
  }
}

}  // namespace vtlab::test
