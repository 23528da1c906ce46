// task_mix.cpp — the program task-mix SEED: makes the tasks of that seed (task_mix.h), and prints what
// is true of them as one line of JSON. task-mix --storm N makes N threads as fast as it can.
//
// Rule      Complains on standard error about every step that did not end as planned: a run that said
//           nothing there is one of which the truth is known. Its last process closes that stream.
// Rule      After clone(2) or clone3(2) a child calls nothing but execve and _exit: other threads may
//           have held locks of the C library.
#include "support/task_mix.h"

#include <linux/futex.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace vtlab::test::mix {
namespace {

constexpr char kSelf[] = "/proc/self/exe";
constexpr std::size_t kStackBytes = 64 * 1024;

std::atomic<bool> failed{false};

void complain(const char* step, int error) {
  failed = true;
  dprintf(STDERR_FILENO, "task-mix: %s: %s\n", step, std::strerror(error));
}

void carry_out(const Node& node);

// argv of this program for a node, or for doing nothing. Made before a fork, used after it.
class Words {
 public:
  Words() : words_{name_, nullptr} { std::strcpy(name_, "--nothing"); }
  explicit Words(const Node& node) : words_{name_, seed_, depth_, nullptr} {
    std::strcpy(name_, "--node");
    std::snprintf(seed_, sizeof(seed_), "%llu", static_cast<unsigned long long>(node.seed));
    std::snprintf(depth_, sizeof(depth_), "%d", node.depth);
  }
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;
  char* const* argv() const { return words_; }
  [[noreturn]] void become() const {
    execve(kSelf, words_, environ);
    complain("execve", errno);
    _exit(1);
  }

 private:
  char name_[16]{}, seed_[24]{}, depth_[12]{};
  char* words_[4];
};

// Something that goes on: a process or a thread, until finish().
struct Begun {
  pid_t process = 0;
  bool is_thread = false;
  pthread_t thread{};
  int how_it_ends = 0;  // of a process: the signal that kills it; 0: exit code 0
};

void finish(const Begun& begun) {
  if (begun.is_thread) {
    if (const int error = pthread_join(begun.thread, nullptr)) complain("pthread_join", error);
    return;
  }
  if (begun.process == 0) return;
  int status = 0;
  while (waitpid(begun.process, &status, __WALL) < 0) {
    if (errno != EINTR) return complain("waitpid", errno);
  }
  if (status != begun.how_it_ends) complain("a child ended in another way than planned", 0);
}

Begun process(pid_t made, const char* step, int how_it_ends = 0) {
  if (made < 0) complain(step, errno);
  return {made < 0 ? 0 : made, false, {}, how_it_ends};
}

[[noreturn]] void end() {
  _exit(failed ? 1 : 0);
}

// pthread_create; `then` runs in the new thread.
Begun thread(void* (*then)(void*), const void* argument, bool detached = false) {
  pthread_t made{};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  if (detached) pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  const int error = pthread_create(&made, &attributes, then, const_cast<void*>(argument));
  pthread_attr_destroy(&attributes);
  if (error) complain("pthread_create", error);
  return {0, error == 0 && !detached, made};
}

void* do_nothing(void*) {
  return nullptr;
}

void* wait_for_ever(void*) {
  for (;;) pause();
}

void* be_node(void* node) {
  carry_out(*static_cast<const Node*>(node));
  return nullptr;
}

void* be_node_and_end_the_process(void* node) {
  carry_out(*static_cast<const Node*>(node));
  end();
}

void* become_node(void* node) {
  Words(*static_cast<const Node*>(node)).become();
}

template <typename Child>
Begun forked(Child child, int how_it_ends = 0) {
  const pid_t made = fork();
  if (made == 0) {
    failed = false;
    child();
    end();
  }
  return process(made, "fork", how_it_ends);
}

// A function of its own: after vfork both go on in this frame.
[[gnu::noinline]] Begun vforked(const Words* words) {
  const pid_t made = vfork();
  if (made == 0) {
    if (words) execve(kSelf, words->argv(), environ);
    _exit(words ? 1 : 0);
  }
  return process(made, "vfork");
}

Begun spawned() {
  const Words words;
  pid_t made = 0;
  if (const int error = posix_spawn(&made, kSelf, nullptr, nullptr, words.argv(), environ)) {
    complain("posix_spawn", error);
    return {};
  }
  return process(made, "posix_spawn");
}

// A task in our memory without thread-local variables of its own: it may call nothing but this.
int leave(void* call) {
  syscall(reinterpret_cast<long>(call), 0);
  return 0;
}

class Stack {
 public:
  Stack()
      : base_(mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                   0)) {
    if (base_ == MAP_FAILED) complain("mmap", errno);
  }
  ~Stack() { munmap(base_, kStackBytes); }
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;
  void* top() const { return static_cast<char*>(base_) + kStackBytes; }

 private:
  void* base_;
};

// Waits until the task has left our memory, so that the stack may be freed or used again.
void in_our_memory(const Stack& stack, int flags, long leave_by) {
  std::atomic<int> alive{1};
  const int made =
      clone(leave, stack.top(), flags, reinterpret_cast<void*>(leave_by), nullptr, nullptr, &alive);
  if (made < 0) return complain("clone", errno);
  if (flags & CLONE_THREAD) {
    while (alive.load() != 0) syscall(SYS_futex, &alive, FUTEX_WAIT, 1, nullptr);
  } else {
    finish(process(made, "clone"));
  }
}

void raw_thread(const Stack& stack) {
  in_our_memory(stack,
                CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
                    CLONE_CHILD_CLEARTID,
                SYS_exit);
}

void must_fail(long result, int with) {
  if (result != -1 || errno != with) complain("a call that must fail", result == -1 ? errno : 0);
}

Begun begin(const Choice& choice) {
  const Node& node = choice.node;
  switch (choice.way) {
    case Way::fork:
      return forked([&] { carry_out(node); });
    case Way::fork_exec:
      return forked([&] { become_node(const_cast<Node*>(&node)); });
    case Way::vfork:
      return vforked(nullptr);
    case Way::vfork_exec: {
      const Words words;
      return vforked(&words);
    }
    case Way::spawn:
      return spawned();
    case Way::thread:
      return thread(be_node, &node);
    case Way::short_thread:
      return thread(do_nothing, nullptr);
    case Way::detached_thread:
      return thread(do_nothing, nullptr, true);
    case Way::raw_thread:
      raw_thread(Stack());
      return {};
    case Way::raw_clone: {
      const auto made = static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
      if (made == 0) _exit(0);
      return process(made, "clone");
    }
    case Way::raw_clone3: {
      const Words words(node);
      clone_args args{};
      args.exit_signal = SIGCHLD;
      const auto made = static_cast<pid_t>(syscall(SYS_clone3, &args, sizeof(args)));
      if (made == 0) words.become();
      return process(made, "clone3");
    }
    case Way::borrowed_memory:
      in_our_memory(Stack(), CLONE_VM | SIGCHLD, SYS_exit_group);
      return {};
    case Way::double_fork:
      return forked([&] { forked([&] { carry_out(node); }); });
    case Way::exec_in_thread:
      return forked([&] {
        thread(become_node, &node);
        wait_for_ever(nullptr);
      });
    case Way::first_thread_leaves:
      return forked([&] {
        thread(be_node_and_end_the_process, &node);
        syscall(SYS_exit, 0);
      });
    case Way::killed:
      return forked(
          [] {
            thread(wait_for_ever, nullptr);
            kill(getpid(), SIGKILL);
            wait_for_ever(nullptr);
          },
          SIGKILL);
    case Way::fails_in_call: {
      clone_args args{};
      must_fail(syscall(SYS_clone3, &args, 8), EINVAL);  // clone(2): smaller than its first version
      return {};
    }
    case Way::fails_in_copy:
      must_fail(syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0), EINVAL);
      return {};
    case Way::fails_in_kernel_clone: {
      int both = 0;
      must_fail(syscall(SYS_clone, CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, 0, &both, 0, 0),
                EINVAL);
      return {};
    }
    case Way::number_of_ways:
      break;
  }
  return {};
}

void carry_out(const Node& node) {
  const Choices made = choices(node);
  Begun later[6];
  unsigned going_on = 0;
  for (const Choice& choice : made) {
    const Begun begun = begin(choice);
    if (choice.together)
      later[going_on++] = begun;
    else
      finish(begun);
  }
  while (going_on > 0) finish(later[--going_on]);
}

int run_root(std::uint64_t seed) {
  carry_out(root(seed));
  const Truth all = truth(root(seed));
  std::printf(
      R"({"threads":%lu,"processes":%lu,"sharing_mm":%lu,"execs":%lu,"orphans":%lu,"refused":%lu})"
      "\n",
      all.threads, all.processes, all.sharing_mm, all.execs, all.orphans,
      all.refused_early + all.refused_late);
  return failed ? 1 : 0;
}

}  // namespace
}  // namespace vtlab::test::mix

int main(int argc, char** argv) {
  using namespace vtlab::test::mix;
  // Blocked in every task, through fork and exec: a SIGCHLD that a thread could take while another one
  // has it blocked (in pthread_create, posix_spawn) would make the kernel begin that thread's clone anew
  // (ERESTARTNOINTR), and then one call more is made than the seed says.
  sigset_t child_ended;
  sigemptyset(&child_ended);
  sigaddset(&child_ended, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child_ended, nullptr);
  // By an exec of our own, with argv[0] as the first word.
  if (argc == 1 && std::strcmp(argv[0], "--nothing") == 0) return 0;
  if (argc == 3 && std::strcmp(argv[0], "--node") == 0) {
    carry_out({std::strtoull(argv[1], nullptr, 10), std::atoi(argv[2])});
    return failed ? 1 : 0;
  }
  if (argc == 3 && std::strcmp(argv[1], "--storm") == 0) {
    const Stack stack;
    for (long i = std::atol(argv[2]); i > 0; --i) raw_thread(stack);
    std::puts("done");
    return failed ? 1 : 0;
  }
  if (argc == 2) return run_root(std::strtoull(argv[1], nullptr, 10));
  std::fprintf(stderr, "usage: task-mix SEED | --storm N\n");
  return 2;
}
