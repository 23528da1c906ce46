#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "scheduler.h"
#include "stack_pool.h"
#include "support/catch.h"
#include "support/vthreads_blocks.h"
#include "vthread.h"

namespace vthreads::detail {
namespace {

using enum State;
constexpr State kAll[] = {fresh, runnable, running, parking, parked, pinned, blocking, done};

// Written a second time on purpose: the table in the code must not change unnoticed.
const std::set<std::pair<State, State>> kTable = {
    {fresh, runnable},   {runnable, running}, {running, parking},  {parking, parked},
    {parking, runnable}, {parked, runnable},  {running, runnable}, {running, pinned},
    {pinned, running},   {running, blocking}, {blocking, running}, {blocking, runnable},
    {running, done},
};

TEST_CASE("exactly the transitions of the table are legal", "[vthreads][state]") {
  for (State from : kAll) {
    for (State to : kAll) {
      CAPTURE(static_cast<int>(from), static_cast<int>(to));
      CHECK(is_legal(from, to) == kTable.contains({from, to}));
    }
  }
}

TEST_CASE("an illegal transition aborts and names the vthread and both states",
          "[vthreads][state]") {
  test::Blocks blocks;
  ControlBlock& vthread = blocks.make();
  vthread.begin(7);
  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::signal(SIGABRT, SIG_DFL);
    ::dup2(pipe_ends[1], STDERR_FILENO);
    vthread.change(parked);
    ::_exit(0);
  }
  ::close(pipe_ends[1]);
  std::string message(200, '\0');
  message.resize(static_cast<std::size_t>(
      std::max<ssize_t>(0, ::read(pipe_ends[0], message.data(), message.size()))));
  ::close(pipe_ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
  CHECK(message == "vthreads: vthread 7 may not go from fresh to parked\n");
}

}  // namespace
}  // namespace vthreads::detail
