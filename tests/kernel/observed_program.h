// observed_program.h — a forked process that waits, does what a test says, waits again, and is
// counted meanwhile.
#pragma once

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "probes/session.h"
#include "support/require.h"

namespace vtlab::test {

#define VTLAB_NEEDS_BPF() \
  VTLAB_NEEDS(!vtlab::probes::why_not_bpf(), "eBPF " + *vtlab::probes::why_not_bpf())

/// How many runs of its programs the kernel skipped and said so: on preemptible kernels now and
/// then, and what the session counted then proves nothing (docs/decisions/0026).
inline std::uint64_t skipped_runs(const probes::Session& session) {
  std::uint64_t sum = 0;
  for (const auto& question : session.attached()) sum += question.recursion_misses.value_or(0);
  return sum;
}

inline std::string proc(pid_t process, const char* file) {
  std::ifstream in("/proc/" + std::to_string(process) + "/" + file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Returns once the process waits in a system call and is off its CPU: the kernel answers with the
/// call's number only after it has waited for that (proc(5): syscall), and so after the switch.
inline void wait_until_it_waits(pid_t process) {
  while (proc(process, "syscall").rfind("running", 0) == 0) sched_yield();
}

/// What a session counted between two points of a program's life.
struct Window {
  probes::Snapshot before, after;

  std::uint64_t count(probes::Counter counter) const {
    const auto i = static_cast<std::size_t>(counter);
    return after.counts[i].value() - before.counts[i].value();
  }
  std::uint64_t by_action(std::size_t action) const {
    return after.ledger[action].kernel_tasks - before.ledger[action].kernel_tasks;
  }
  std::uint64_t sharing(std::size_t action) const {
    return after.ledger[action].sharing_mm - before.ledger[action].sharing_mm;
  }
  std::uint64_t kernel_tasks() const { return count(probes::Counter::wake_new); }
};

/// Forks a process, follows it, lets it run `body`, and counts from before the first to after the
/// last thing it does. at_end is called while it waits at the end, in a read that is not over.
inline Window observe_program(
    probes::Session& session, const std::function<void()>& body,
    const std::function<void()>& meanwhile = [] {}, const std::function<void()>& at_end = [] {}) {
  int gate[2], done[2];
  REQUIRE(pipe(gate) == 0);
  REQUIRE(pipe(done) == 0);
  const pid_t program = fork();
  if (program == 0) {
    close(gate[1]);
    char byte;
    if (read(gate[0], &byte, 1) != 1) _exit(1);
    body();
    static_cast<void>(!write(done[1], "d", 1));
    static_cast<void>(!read(gate[0], &byte, 1));
    _exit(0);
  }
  close(gate[0]);
  close(done[1]);
  wait_until_it_waits(program);
  session.follow(static_cast<std::uint32_t>(program), 1);
  Window window;
  window.before = session.read();
  static_cast<void>(!write(gate[1], "g", 1));
  meanwhile();
  char byte;
  REQUIRE(read(done[0], &byte, 1) == 1);
  wait_until_it_waits(program);
  window.after = session.read();
  at_end();
  static_cast<void>(!write(gate[1], "x", 1));
  int status = 0;
  waitpid(program, &status, 0);
  close(gate[1]);
  close(done[0]);
  CHECK(status == 0);
  return window;
}

}  // namespace vtlab::test
