// What the records of creations say of programs that make tasks in known ways a prime number of
// times: the system call and its flags, every stage in order, what is shared, and what failed.
#include <linux/io_uring.h>
#include <linux/sched.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <thread>
#include <vector>

#include "kernel/observed_program.h"

namespace vtlab::test {
namespace {

using probes::Call;
using probes::Creation;
using probes::Session;
using probes::Share;
using probes::Shareable;

constexpr int kForks = 23, kVforks = 19, kThreads = 29, kSpawns = 17, kFailures = 13, kClone3s = 11;

// As glibc asks for a thread (nptl: create_thread), without the stack.
constexpr std::uint64_t kThreadFlags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM |
                                       CLONE_SIGHAND | CLONE_THREAD | CLONE_SETTLS |
                                       CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;

void reap(pid_t child) {
  waitpid(child, nullptr, 0);
}

void make_everything() {
  for (int i = 0; i < kForks; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    reap(child);
  }
  for (int i = 0; i < kVforks; ++i) {
    const pid_t child = vfork();
    if (child == 0) _exit(0);
    reap(child);
  }
  for (int i = 0; i < kThreads; ++i) std::thread([] {}).join();
  for (int i = 0; i < kSpawns; ++i) {
    pid_t child = 0;
    char* argv[] = {const_cast<char*>("true"), nullptr};
    // Whether or not there is such a program: the task is made before that is known.
    if (posix_spawn(&child, "/bin/true", nullptr, nullptr, argv, nullptr) == 0) reap(child);
  }
  for (int i = 0; i < kFailures; ++i) {
    // clone(2): CLONE_SIGHAND without CLONE_VM is EINVAL.
    if (syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0) >= 0) _exit(9);
  }
  for (int i = 0; i < kClone3s; ++i) {
    std::uint64_t args[8] = {CLONE_FILES, 0, 0, 0, SIGCHLD, 0, 0, 0};  // struct clone_args
    const auto child = static_cast<pid_t>(syscall(SYS_clone3, args, sizeof(args)));
    if (child == 0) _exit(0);
    reap(child);
  }
}

struct Recorded {
  std::vector<Creation> creations;
  std::uint64_t lost = 0, skipped = 0;

  // Some kernels show certain switches to nobody (docs/decisions/0031).
  bool every_first_run_was_seen() const {
    return std::all_of(creations.begin(), creations.end(),
                       [](const Creation& c) { return c.error != 0 || c.ran_ns != 0; });
  }

  std::vector<Creation> of(Call call, std::uint64_t flags) const {
    std::vector<Creation> some;
    std::copy_if(creations.begin(), creations.end(), std::back_inserter(some),
                 [&](const Creation& c) { return c.call == call && c.flags == flags; });
    return some;
  }
};

Recorded record_once(const std::function<void()>& body, probes::SessionOptions options) {
  options.record_creations = true;
  Session session(options);
  Recorded recorded;
  const auto events = [](const probes::Event&) {};
  const auto keep = [&](const Creation& c) { recorded.creations.push_back(c); };
  const Window window = observe_program(session, body);
  session.drain(events, keep);
  session.take_unfinished(keep);
  recorded.lost = window.after.lost_creations;
  recorded.skipped = skipped_runs(session);
  return recorded;
}

// On preemptible kernels a run of a program is skipped now and then; what must hold is what a whole
// record says (docs/decisions/0026).
Recorded record(const std::function<void()>& body, const probes::SessionOptions& options = {}) {
  Recorded recorded = record_once(body, options);
  const auto whole = [&] { return recorded.skipped == 0 && recorded.every_first_run_was_seen(); };
  for (int again = 0; !whole() && again < 4; ++again) recorded = record_once(body, options);
  CHECK(recorded.skipped == 0);
  return recorded;
}

// "mm files fs sighand signal nsproxy io cgroup", one letter each: s(hared), o(wn), n(one), ?.
std::string sharing(const Creation& c) {
  std::string text;
  for (const Share share : c.sharing) text += "?osn"[static_cast<std::size_t>(share)];
  return text;
}

bool in_order(const Creation& c) {
  std::uint64_t last = 0;
  for (const std::uint64_t time :
       {c.asked_ns, c.entered_ns, c.copied_ns, c.forked_ns, c.woken_ns, c.ran_ns}) {
    if (time == 0) continue;
    if (time < last) return false;
    last = time;
  }
  return true;
}

void check_whole(const std::vector<Creation>& some, std::size_t times, const std::string& shared) {
  CHECK(some.size() == times);
  for (const Creation& c : some) {
    CHECK(c.error == 0);
    CHECK(c.tid != 0);
    CHECK(c.asked_ns != 0);
    CHECK((c.entered_ns != 0) != (c.forked_ns != 0));  // function rung, or its twin
    CHECK(c.copied_ns != 0);
    CHECK(c.woken_ns != 0);
    CHECK(c.ran_ns != 0);
    CHECK(in_order(c));
    CHECK(sharing(c) == shared);
    REQUIRE(c.task.has_value());
    CHECK(c.task->stack != 0);
    CHECK(c.task->policy == SCHED_OTHER);
    CHECK(c.task->prio == 120 + c.task->nice);
    CHECK(c.task->cpus_allowed >= 1);
  }
}

}  // namespace

TEST_CASE("each way to make a task is recorded exactly: call, flags, stages, what is shared") {
  VTLAB_NEEDS_BPF();
  const Recorded seen = record(make_everything);
  CHECK(seen.lost == 0);
  // io_context: a program that did no block I/O has none, and neither has its child.
  const auto forks =
      seen.of(Call::clone, CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID);  // glibc's fork
  REQUIRE_FALSE(forks.empty());
  const char io = sharing(forks.front())[6];
  CHECK((io == 'n' || io == 'o'));
  const auto with_io = [&](std::string text) {
    text[6] = io;
    return text;
  };
  check_whole(forks, kForks, with_io("ooooos.s"));
  check_whole(seen.of(Call::vfork, CLONE_VM | CLONE_VFORK), kVforks, with_io("soooos.s"));
  check_whole(seen.of(Call::clone3, CLONE_FILES), kClone3s, with_io("osooos.s"));
  const auto threads = seen.of(Call::clone3, kThreadFlags);
  check_whole(threads, kThreads, with_io("ssssss.s"));
  for (const Creation& thread : threads) CHECK(thread.tgid != thread.tid);
  for (const Creation& fork : forks) {
    CHECK(fork.tgid == fork.tid);
    CHECK(fork.exit_signal == SIGCHLD);
    CHECK(fork.task->parent_tgid == fork.by_tid);
  }
  // posix_spawn: glibc may add CLONE_CLEAR_SIGHAND (2.38 on), which makes no difference to sharing.
  std::size_t spawned = 0;
  for (const Creation& c : seen.creations)
    spawned += c.call == Call::clone3 && c.flags.value_or(0) & CLONE_VFORK;
  CHECK(spawned == kSpawns);
  CHECK(seen.creations.size() == kForks + kVforks + kThreads + kSpawns + kFailures + kClone3s);
}

TEST_CASE("a clone that fails is recorded with its errno and no task") {
  VTLAB_NEEDS_BPF();
  const Recorded seen = record(make_everything);
  const auto failed = seen.of(Call::clone, CLONE_SIGHAND);
  CHECK(failed.size() == kFailures);
  for (const Creation& c : failed) {
    CHECK(c.error == EINVAL);
    CHECK(c.tid == 0);
    CHECK(c.asked_ns != 0);
    CHECK(c.copied_ns == 0);
    CHECK_FALSE(c.task.has_value());
  }
  CHECK(std::count_if(seen.creations.begin(), seen.creations.end(),
                      [](const Creation& c) { return c.error != 0; }) == kFailures);
}

TEST_CASE("tasks that io_uring makes are recorded without a system call and are no clones") {
  VTLAB_NEEDS_BPF();
  constexpr int kRings = 3;
  const auto make_rings = [](int flags) {
    for (int i = 0; i < kRings; ++i) {
      io_uring_params params{};
      params.flags = static_cast<__u32>(flags);
      if (syscall(SYS_io_uring_setup, 4, &params) < 0) return false;
    }
    return true;
  };
  VTLAB_NEEDS(make_rings(0), "io_uring is not allowed here");
  const Recorded seen = record([&] {
    if (!make_rings(IORING_SETUP_SQPOLL)) _exit(9);  // a kernel thread polls the queue
  });
  // Before 5.12 kthreadd made them, outside the observed tree.
  const bool by_the_submitter = !seen.creations.empty();
  CHECK(seen.creations.size() == (by_the_submitter ? kRings : 0));
  for (const Creation& c : seen.creations) {
    CHECK(c.call == Call::none);
    CHECK(c.asked_ns == 0);
    CHECK(c.copied_ns != 0);
    CHECK(c.forked_ns == 0);  // it did not pass kernel_clone
    CHECK(in_order(c));
    REQUIRE(c.task.has_value());
    CHECK((c.task->flags & 0x10) != 0);  // PF_IO_WORKER
    CHECK(c.sharing[static_cast<std::size_t>(Shareable::mm)] == Share::shared);
  }
}

TEST_CASE("every rung that is forced records the same creations") {
  VTLAB_NEEDS_BPF();
  for (const probes::Rung rung : probes::kRungs) {
    CAPTURE(name(rung));
    probes::SessionOptions options{.only = rung};
    options.record_creations = true;
    const auto attached = Session(options).attached();
    if (std::any_of(attached.begin(), attached.end(), [](const auto& question) {
          return !question.rung && question.counter != probes::Counter::kernel_clone;
        }))
      continue;  // refused here; rungs_test prints why
    const Recorded seen = record(make_everything, options);
    CHECK(seen.lost == 0);
    CHECK(seen.creations.size() == kForks + kVforks + kThreads + kSpawns + kFailures + kClone3s);
    for (const Creation& c : seen.creations) {
      CHECK(in_order(c));
      CHECK((c.error != 0) == (c.ran_ns == 0));
    }
  }
}

TEST_CASE("records of creations that find no room are counted as lost") {
  VTLAB_NEEDS_BPF();
  const Recorded seen = record(make_everything, {.ring_bytes = 4096});
  constexpr std::uint64_t kAll = kForks + kVforks + kThreads + kSpawns + kFailures + kClone3s;
  CHECK(seen.lost > 0);
  CHECK(seen.creations.size() + seen.lost == kAll);
}

TEST_CASE("without creations asked for, the hooks of system calls are not attached") {
  VTLAB_NEEDS_BPF();
  Session session;
  for (const auto& question : session.attached())
    CHECK_FALSE(probes::only_for_creations(question.counter));
  std::size_t creations = 0;
  const Window window = observe_program(session, [] {
    reap([] {
      const pid_t child = fork();
      if (child == 0) _exit(0);
      return child;
    }());
  });
  session.drain([](const probes::Event&) {}, [&](const Creation&) { ++creations; });
  session.take_unfinished([&](const Creation&) { ++creations; });
  CHECK(window.kernel_tasks() == 1);
  CHECK(creations == 0);
}

}  // namespace vtlab::test
