/* makes_tasks.c — a program whose functions make tasks a known number of times, for tests that ask who made
 * them. Each count is another prime. It is built in several ways; see tests/CMakeLists.txt. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

/* Keeps a call from being the last thing that a function does: then it would not be on the stack. */
#define END_OF_FUNCTION() __asm__ volatile("")
#define APART __attribute__((noinline, noclone, used))

static void* nothing(void* argument) {
  return argument;
}

static APART void one_thread(void) {
  pthread_t thread;
  if (pthread_create(&thread, 0, nothing, 0) != 0) exit(3);
  pthread_join(thread, 0);
  END_OF_FUNCTION();
}

static void reap(pid_t child) {
  if (child < 0 || waitpid(child, 0, 0) != child) exit(4);
}

APART void threads_here(void) {
  for (int i = 0; i < 1009; ++i) one_thread();
  END_OF_FUNCTION();
}

/* The same way down as threads_here, at the same depth of the stack. */
APART void threads_there(void) {
  for (int i = 0; i < 503; ++i) one_thread();
  END_OF_FUNCTION();
}

APART void forks(void) {
  for (int i = 0; i < 31; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    reap(child);
  }
  END_OF_FUNCTION();
}

APART void vforks(void) {
  for (int i = 0; i < 29; ++i) {
    const pid_t child = vfork();
    if (child == 0) _exit(0);
    reap(child);
  }
  END_OF_FUNCTION();
}

APART void raw_clones(void) {
  for (int i = 0; i < 23; ++i) {
    const pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0) _exit(0);
    reap(child);
  }
  END_OF_FUNCTION();
}

APART void spawns(void) {
  for (int i = 0; i < 19; ++i) {
    char* words[] = {"true", 0};
    pid_t child;
    if (posix_spawn(&child, "/bin/true", 0, 0, words, environ) != 0) exit(5);
    reap(child);
  }
  END_OF_FUNCTION();
}

/* A stack whose depth is known only when it is made. */
APART void forks_deep_down(int words) {
  volatile char room[words * 64];
  room[0] = (char)words;
  const pid_t child = fork();
  if (child == 0) _exit(0);
  reap(child);
  END_OF_FUNCTION();
}

static void* forks_in_thread(void* argument) {
  for (int i = 0; i < 17; ++i) forks_deep_down(i + 1);
  return argument;
}

APART void thread_that_forks(void) {
  pthread_t thread;
  if (pthread_create(&thread, 0, forks_in_thread, 0) != 0) exit(6);
  pthread_join(thread, 0);
  END_OF_FUNCTION();
}

int main(void) {
  threads_here();
  threads_there();
  forks();
  vforks();
  raw_clones();
  spawns();
  thread_that_forks();
  return 0;
}
