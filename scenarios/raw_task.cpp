#include "scenarios/raw_task.h"

#include <linux/futex.h>
#include <linux/sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>

namespace vtlab {
namespace {

// A system call that returns twice. The new task goes straight to exit(2), in registers only.
long make_task(long call, long a, long b, long c, long d, long e) {
#if defined(__x86_64__)
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  long result;
  asm volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xor %%edi, %%edi\n\t"
      "mov %[exit], %%eax\n\t"
      "syscall\n"
      "1:"
      : "=a"(result)
      : "a"(call), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), [exit] "i"(SYS_exit)
      : "rcx", "r11", "memory", "cc");
  return result;
#elif defined(__aarch64__)
  register long x8 asm("x8") = call;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  register long x4 asm("x4") = e;
  asm volatile(
      "svc #0\n\t"
      "cbnz x0, 1f\n\t"
      "mov x8, %[exit]\n\t"
      "svc #0\n"
      "1:"
      : "+r"(x0)
      : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), [exit] "i"(SYS_exit)
      : "memory", "cc");
  return x0;
#else
#error "raw_task.cpp: write make_task() for this processor"
#endif
}

// The kernel sets it to 0 and wakes a futex when a task that shares our memory has ended.
using Alive = std::atomic<int>;

int wait_for_end(long made, std::uint64_t flags, const Alive& alive) {
  if (made < 0) return static_cast<int>(-made);
  if (flags & CLONE_THREAD) {
    while (alive.load() != 0) syscall(SYS_futex, &alive, FUTEX_WAIT, 1, nullptr);
  } else {
    wait_for_child(static_cast<pid_t>(made));
  }
  return 0;
}

// Nobody waits for a thread but by its word in memory.
std::uint64_t with_word(std::uint64_t flags) {
  return flags & CLONE_THREAD ? flags | CLONE_CHILD_CLEARTID : flags;
}

}  // namespace

int clone_and_wait(std::uint64_t flags) {
  const Alive alive{1};
  const auto word = reinterpret_cast<long>(&alive);
  const auto asked = static_cast<long>(with_word(flags));
  // clone(2): the order of the last two is the processor's; the other one is not looked at.
  return wait_for_end(make_task(SYS_clone, asked, 0, 0, word, word), flags, alive);
}

int clone3_and_wait(std::uint64_t flags) {
  const Alive alive{1};
  clone_args args{};
  args.flags = with_word(flags);
  args.child_tid = reinterpret_cast<std::uint64_t>(&alive);
  return wait_for_end(make_task(SYS_clone3, reinterpret_cast<long>(&args), sizeof(args), 0, 0, 0),
                      flags, alive);
}

void wait_for_child(pid_t child) {
  while (waitpid(child, nullptr, __WALL) < 0)
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "waitpid");
}

}  // namespace vtlab
