// creation_paths.cpp — every way in which a program gets the kernel to make a task; unit i takes way i.
//
// The children do nothing and are waited for. Where the C library makes the task it is called; where it would
// come between, it is not.
#include <linux/sched.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <system_error>

#include "scenarios/actions.h"
#include "scenarios/creation_ways.h"
#include "scenarios/io_uring_worker.h"
#include "scenarios/mode.h"
#include "scenarios/raw_task.h"
#include "scenarios/scenario.h"

namespace vtlab {
namespace {

// What the body counts beside what the kernel does.
struct Seen {
  std::atomic<std::uint64_t> io_uring_workers{0}, musl_threads{0};
};

void check(int error, const char* what) {
  if (error) throw std::system_error(error, std::generic_category(), what);
}

void wait_for_success(pid_t child, const char* what) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) check(errno, "waitpid");
  if (status != 0) throw std::system_error(ECHILD, std::generic_category(), what);
}

// A function of its own: after vfork both go on in this frame.
[[gnu::noinline]] void call_vfork() {
  const pid_t child = vfork();
  if (child == 0) _exit(0);
  check(child < 0 ? errno : 0, "vfork");
  wait_for_success(child, "vfork");
}

void call_fork() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  check(child < 0 ? errno : 0, "fork");
  wait_for_success(child, "fork");
}

void call_posix_spawn() {
  char name[] = "vtlab-child", word[] = "--nothing";
  char* const words[] = {name, word, nullptr};
  pid_t child = 0;
  check(posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, words, environ), "posix_spawn");
  wait_for_success(child, "posix_spawn");
}

void call_pthread_create() {
  pthread_t thread;
  check(pthread_create(
            &thread, nullptr, [](void*) -> void* { return nullptr; }, nullptr),
        "pthread_create");
  pthread_join(thread, nullptr);
}

// vtlab-musl lies beside this program.
std::string musl_program() {
  char path[4096];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof(path));
  const std::string self(path, size > 0 ? static_cast<std::size_t>(size) : 0);
  return self.substr(0, self.rfind('/') + 1) + "vtlab-musl";
}

// The program knows nothing of actions: its first task publishes what it will do before it becomes it.
void start_musl_program(const ActionBoard& board, std::uint32_t unit) {
  const std::string program = musl_program();
  char name[] = "vtlab-musl";
  char* const words[] = {name, nullptr};
  const pid_t child = fork();
  if (child == 0) {
    const ActionScope scope(board, Action::musl_thread, unit);
    execve(program.c_str(), words, environ);
    _exit(errno);
  }
  check(child < 0 ? errno : 0, "fork");
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) check(errno, "waitpid");
  check(WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD, "vtlab-musl");
}

void take(CreationWay way, const ActionBoard& board, std::uint32_t unit, Seen& seen) {
  const ActionScope scope(board, action_of(way), unit);
  switch (way) {
    case CreationWay::fork:
      return call_fork();
    case CreationWay::vfork:
      return call_vfork();
    case CreationWay::posix_spawn:
      return call_posix_spawn();
    case CreationWay::pthread_create:
      return call_pthread_create();
    case CreationWay::clone:
      return check(clone_and_wait(0), "clone");
    case CreationWay::clone3: {
      const int refused = clone3_and_wait(0);
      return check(refused == ENOSYS ? 0 : refused, "clone3");  // a container's filter may say so
    }
    case CreationWay::musl_thread:
      if (!kMuslIsBuilt) return;
      start_musl_program(board, unit);
      ++seen.musl_threads;
      return;
    case CreationWay::io_uring:
      if (run_in_io_uring_worker() == 0) ++seen.io_uring_workers;
      return;
    case CreationWay::failing_clone:
      clone_and_wait(CLONE_SIGHAND);  // without CLONE_VM: EINVAL, as the kernel's records show
      return;
  }
}

void body(Workload& work) {
  // Blocked in every thread: a SIGCHLD that one could take while another one has it blocked would make the
  // kernel begin that one's clone anew.
  sigset_t child_ended;
  sigemptyset(&child_ended);
  sigaddset(&child_ended, SIGCHLD);
  pthread_sigmask(SIG_BLOCK, &child_ended, nullptr);
  Seen seen;
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit)
    work.start(unit, [&, unit] { take(creation_way(unit), work.board(), unit, seen); });
  work.join_all();
  work.report("io_uring_workers", seen.io_uring_workers);
  if (kMuslIsBuilt) work.report("musl_threads", seen.musl_threads);
}

std::uint64_t makes(const Params& params, const Mode&) {
  std::uint64_t tasks = 0;
  for (std::uint32_t unit = 0; unit < params.tasks; ++unit) {
    const CreationWay way = creation_way(unit);
    if (way == CreationWay::failing_clone) continue;
    if (way == CreationWay::musl_thread)
      tasks += kMuslIsBuilt ? 2 : 0;  // the program, and its thread
    else
      ++tasks;
  }
  return tasks;
}

std::string_view refuses(const Mode& mode, const Params&) {
  return mode.name == "platform" ? ""
                                 : "an io_uring worker is made once for each thread, so each unit "
                                   "must be a thread; the "
                                   "other ways are the same in every mode";
}

constexpr Reported kReports[] = {
    {"io_uring_workers", "units that had an io_uring worker", "count"},
    {"musl_threads", "threads that a musl program made", "count",
     "vtlab was built where there is no musl-gcc (Debian: musl-tools)"},
};

}  // namespace

extern const Scenario scenario_creation_paths;
const Scenario scenario_creation_paths{
    .name = "creation-paths",
    .title = "each have a task made, by one of nine ways in turn",
    .lesson =
        "However a task is asked for, one kernel function makes it; io_uring's workers nobody "
        "asked for.",
    .defaults = {.tasks = 97},
    .body = body,
    .refuses = refuses,
    .reports = kReports,
    .makes = makes,
};

}  // namespace vtlab
