// What the probes see of programs that do one known thing a prime number of times.
#include <sched.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#include "kernel/observed_program.h"
#include "scenarios/actions.h"

namespace vtlab::test {
namespace {

using probes::Counter;
using probes::Session;

// Every rung that this kernel grants for the question the ledger rests on.
std::vector<probes::Rung> working_rungs() {
  std::vector<probes::Rung> rungs;
  for (const probes::Trial& trial : probes::try_every_rung()) {
    if (trial.counter == Counter::wake_new && trial.outcome == probes::Outcome::yes)
      rungs.push_back(trial.rung);
  }
  return rungs;
}

void fork_and_reap(
    int times, const std::function<void()>& in_child = [] {}) {
  for (int i = 0; i < times; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      in_child();
      _exit(0);
    }
    waitpid(child, nullptr, 0);
  }
}

}  // namespace

TEST_CASE("at least the typed tracepoint and the classic tracepoint can be attached here") {
  VTLAB_NEEDS_BPF();
  const auto rungs = working_rungs();
  CHECK(std::count(rungs.begin(), rungs.end(), probes::Rung::tp_btf) == 1);
  VTLAB_NEEDS(access("/sys/kernel/tracing/events", R_OK) == 0, "tracefs is not mounted");
  CHECK(std::count(rungs.begin(), rungs.end(), probes::Rung::tracepoint) == 1);
}

TEST_CASE("descendants are followed from birth: 7 children with 5 children each are 42 tasks") {
  VTLAB_NEEDS_BPF();
  for (const probes::Rung rung : working_rungs()) {
    CAPTURE(name(rung));
    const auto body = [] { fork_and_reap(7, [] { fork_and_reap(5); }); };
    auto session = std::make_unique<Session>(probes::SessionOptions{.only = rung});
    Window window = observe_program(*session, body);
    for (int again = 0; skipped_runs(*session) != 0 && again < 4; ++again) {
      session = std::make_unique<Session>(probes::SessionOptions{.only = rung});
      window = observe_program(*session, body);
    }
    CHECK(window.kernel_tasks() == 42);
    CHECK(window.count(Counter::exits) == 42);
  }
}

TEST_CASE("an orphan's children are still followed after its parent has died") {
  VTLAB_NEEDS_BPF();
  Session session;
  const Window window = observe_program(session, [] {
    int alive[2];
    if (pipe(alive) != 0) return;
    fork_and_reap(1, [&] {
      if (fork() == 0) {  // its parent leaves at once
        fork_and_reap(11);
        _exit(0);
      }
    });
    close(alive[1]);
    char byte;
    static_cast<void>(!read(alive[0], &byte, 1));  // end of file once the orphan has gone
  });
  CHECK(window.kernel_tasks() == 13);
}

TEST_CASE("processes outside the observed tree are not counted") {
  VTLAB_NEEDS_BPF();
  Session session;
  const Window window = observe_program(
      session, [] { fork_and_reap(3); }, [] { fork_and_reap(17); });
  CHECK(window.kernel_tasks() == 3);
}

TEST_CASE("vfork, posix_spawn, clone and clone3 all end in one new task each") {
  VTLAB_NEEDS_BPF();
  Session session;
  const Window window = observe_program(session, [] {
    for (int i = 0; i < 5; ++i) {
      pid_t child = vfork();
      if (child == 0) _exit(0);
      waitpid(child, nullptr, 0);
      char* argv[] = {const_cast<char*>("true"), nullptr};
      if (posix_spawn(&child, "/bin/true", nullptr, nullptr, argv, nullptr) == 0)
        waitpid(child, nullptr, 0);
      child = static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
      if (child == 0) _exit(0);
      waitpid(child, nullptr, 0);
      std::uint64_t args[8] = {0, 0, 0, 0, SIGCHLD, 0, 0, 0};  // struct clone_args
      child = static_cast<pid_t>(syscall(SYS_clone3, args, sizeof(args)));
      if (child == 0) _exit(0);
      waitpid(child, nullptr, 0);
    }
  });
  CHECK(window.kernel_tasks() == 20);
  CHECK(window.sharing(0) == 10);  // vfork and posix_spawn borrow the address space until exec
}

TEST_CASE("a clone that fails makes no task_struct") {
  VTLAB_NEEDS_BPF();
  Session session;
  const Window window = observe_program(session, [] {
    for (int i = 0; i < 13; ++i) {
      // clone(2): CLONE_SIGHAND without CLONE_VM is EINVAL.
      if (syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0) >= 0) _exit(9);
    }
    fork_and_reap(2);
  });
  CHECK(window.kernel_tasks() == 2);
  CHECK(window.count(Counter::copy_process) == 2);
}

TEST_CASE("4 threads with different actions at the same time: each task is tied to its own cause") {
  VTLAB_NEEDS_BPF();
  Session session;
  const std::size_t bytes = session.slots() * sizeof(ActionSlot);
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, session.slots_fd(), 0);
  REQUIRE(memory != MAP_FAILED);
  const ActionBoard board({static_cast<ActionSlot*>(memory), session.slots()});
  constexpr int kRounds = 499;
  const Window window = observe_program(session, [&] {
    const auto loop = [&](Action action, bool forks) {
      return std::thread([&board, action, forks] {
        for (int i = 0; i < kRounds; ++i) {
          const ActionScope scope(board, action);
          if (forks)
            fork_and_reap(1);
          else
            std::thread([] {}).join();
        }
      });
    };
    std::thread threads[] = {loop(Action::start_carrier, false),
                             loop(Action::start_pool_thread, false),
                             loop(Action::start_platform_thread, false), loop(Action::fork, true)};
    for (std::thread& thread : threads) thread.join();
  });
  munmap(memory, bytes);
  const auto by = [&](Action action) { return window.by_action(static_cast<std::size_t>(action)); };
  CHECK(by(Action::start_carrier) == kRounds);
  CHECK(by(Action::start_pool_thread) == kRounds);
  CHECK(by(Action::start_platform_thread) == kRounds);
  CHECK(by(Action::fork) == kRounds);
  CHECK(window.by_action(0) == 4);
  CHECK(window.kernel_tasks() == 4 * kRounds + 4);
}

TEST_CASE("a ring that is too small loses events, says how many, and still counts exactly") {
  VTLAB_NEEDS_BPF();
  Session session({.ring_bytes = 4096});
  const Window window = observe_program(session, [] { fork_and_reap(499); });
  CHECK(window.kernel_tasks() == 499);
  const std::uint64_t lost = window.after.lost_events - window.before.lost_events;
  CHECK(lost > 0);
  std::uint64_t kept = 0;
  session.drain([&](const probes::Event&) { ++kept; });
  // Every birth and death is either in the ring or counted as lost.
  CHECK(kept + lost >= window.kernel_tasks() + window.count(Counter::exits));
}

TEST_CASE("a drained ring loses nothing, and its events are the counts") {
  VTLAB_NEEDS_BPF();
  Session session({.ring_bytes = 4u << 20});
  const Window window = observe_program(session, [] { fork_and_reap(101); });
  std::uint64_t started = 0, exited = 0;
  session.drain([&](const probes::Event& event) {
    started += event.kind == probes::EventKind::started;
    exited += event.kind == probes::EventKind::exited;
  });
  CHECK(window.after.lost_events == 0);
  CHECK(started == 101);
  CHECK(exited >= 101);  // the program itself may be among them
}

TEST_CASE("two sessions at once do not disturb each other") {
  VTLAB_NEEDS_BPF();
  Session first, second;
  const Window a = observe_program(first, [] { fork_and_reap(19); });
  const Window b = observe_program(second, [] { fork_and_reap(23); });
  CHECK(a.kernel_tasks() == 19);
  CHECK(b.kernel_tasks() == 23);
}

TEST_CASE("a process beyond the largest pid is counted as lost, and what is followed goes on") {
  VTLAB_NEEDS_BPF();
  constexpr char kMost[] = "/proc/sys/kernel/pid_max", kLast[] = "/proc/sys/kernel/ns_last_pid";
  VTLAB_NEEDS(access(kMost, W_OK) == 0 && access(kLast, W_OK) == 0,
              "the next pid cannot be chosen here");
  std::uint32_t most = 0;
  std::ifstream(kMost) >> most;
  VTLAB_NEEDS(most + 1000 <= 1u << 22, "no pid can be larger here");
  Session session;
  CHECK_THROWS(session.follow(most + 1, 1));
  std::ofstream(kMost) << most + 1000;
  const Window window = observe_program(session, [&] {
    std::ofstream(kLast) << most;
    fork_and_reap(7);
    std::thread([] {}).join();
  });
  std::ofstream(kMost) << most;
  CHECK(window.kernel_tasks() == 8);
  CHECK(window.after.lost_processes - window.before.lost_processes >= 7);
}

TEST_CASE("a process that gets the number of one that was observed is not observed") {
  VTLAB_NEEDS_BPF();
  constexpr char kNextPid[] = "/proc/sys/kernel/ns_last_pid";
  VTLAB_NEEDS(access(kNextPid, W_OK) == 0, "the next pid cannot be chosen here");
  Session session;
  int numbers[2];
  REQUIRE(pipe(numbers) == 0);
  bool used_again = false;
  const Window window = observe_program(
      session,
      [&] {
        const pid_t child = fork();
        if (child == 0) _exit(0);
        waitpid(child, nullptr, 0);
        static_cast<void>(!write(numbers[1], &child, sizeof(child)));
      },
      [&] {
        pid_t wanted = 0;
        REQUIRE(read(numbers[0], &wanted, sizeof(wanted)) == sizeof(wanted));
        for (int i = 0; i < 1000 && !used_again; ++i) {  // others may be faster
          std::ofstream(kNextPid) << wanted - 1;
          const pid_t stranger = fork();
          if (stranger == 0) {
            if (getpid() == wanted) fork_and_reap(17);
            _exit(0);
          }
          waitpid(stranger, nullptr, 0);
          used_again = stranger == wanted;
        }
      });
  close(numbers[0]);
  close(numbers[1]);
  VTLAB_NEEDS(used_again, "somebody else always got that number");
  CHECK(window.kernel_tasks() == 1);
  CHECK(window.count(Counter::exits) == 1);
}

}  // namespace vtlab::test
