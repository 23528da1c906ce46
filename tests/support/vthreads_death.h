// vthreads_death.h — runs something that may end the process in a process of its own.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "support/catch.h"

namespace vthreads::test {

struct Death {
  int signal = 0;       ///< that ended it; 0 if it returned
  std::string message;  ///< on standard error
};

/// No other threads may run here: the child has only the caller.
template <class Body>
Death death_of(Body body) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::signal(SIGABRT, SIG_DFL);
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    body();
    ::_exit(0);
  }
  ::close(ends[1]);
  Death death;
  for (char c = 0; ::read(ends[0], &c, 1) == 1;) death.message += c;
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  death.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return death;
}

}  // namespace vthreads::test
