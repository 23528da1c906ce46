#include "lab/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

#include "lab/error.h"
#include "lab/signals.h"
#include "scenarios/child_protocol.h"

namespace vtlab::lab {
namespace {

namespace protocol = child_protocol;

struct Pipe {
  Fd read, write;
};

Pipe make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  return {Fd(ends[0]), Fd(ends[1])};
}

// The program's fds, in the order of their fixed numbers.
using Inherited = std::array<int, protocol::kFdCount>;

// A copy of an fd out of the way of the fixed numbers.
int above(int fd) {
  return fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 100);
}

// Moves each fd to its number. Two passes, so that none is overwritten before it has been moved.
void place(Inherited fds) {
  for (int& fd : fds) fd = above(fd);
  for (std::size_t i = 0; i < fds.size(); ++i) {
    const int number = protocol::kGateFd + static_cast<int>(i);
    if (fds[i] >= 0 && dup2(fds[i], number) < 0)
      throw std::system_error(errno, std::generic_category(), "dup2");
    if (fds[i] < 0) close(number);
  }
}

// What the program forks is to die with vtlab, too, and PR_SET_PDEATHSIG does not outlive a fork. So
// the whole group holds one end of a pipe that nobody writes. When the other end goes, however
// vtlab ends, the kernel signals the owner of ours (fcntl(2), F_SETSIG): the group, also those
// of it that stand still. To be called as the user: the kernel asks whether that one may kill them.
void hold_for_life(int leash) {
  if (fcntl(leash, F_SETSIG, SIGKILL) != 0 || fcntl(leash, F_SETOWN, -getpgrp()) != 0 ||
      fcntl(leash, F_SETFL, O_ASYNC) != 0 || fcntl(leash, F_SETFD, 0) != 0)
    throw std::system_error(errno, std::generic_category(), "fcntl");
}

// Between fork and exec. Signals as a shell would leave them; dies with vtlab; its own group, so
// that Ctrl-C reaches vtlab alone, which then saves what was measured.
[[noreturn]] void become_program(const ChildSetup& setup, int program_fd, const Inherited& fds,
                                 int failure_fd, int leash, pid_t parent) {
  try {
    setpgid(0, 0);
    signals_for_a_program();
    program_fd = above(program_fd);
    failure_fd = above(failure_fd);
    become(setup.user);
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // after become(): a change of user clears it
    hold_for_life(above(leash));
    if (getppid() != parent) _exit(3);
    place(fds);
    std::vector<char*> argv{const_cast<char*>(setup.name.c_str())};
    for (const std::string& argument : setup.arguments)
      argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    // By fd, so that the user need not be able to walk the path to it.
    fexecve(program_fd, argv.data(), environ);
    throw std::system_error(errno, std::generic_category(), "exec");
  } catch (const std::system_error& error) {
    const std::string text = error.what();
    static_cast<void>(!write(failure_fd, text.data(), text.size()));
    _exit(127);
  }
}

}  // namespace

Child::Child(const ChildSetup& setup) {
  const Fd program(open(setup.program.c_str(), O_RDONLY | O_CLOEXEC));
  if (!program)
    throw Error(ExitCode::machine_cannot, "cannot start the workload",
                {setup.program + ": " + std::strerror(errno)}, {"./vtlabw build"});
  Pipe gate = make_pipe(), report = make_pipe(), failure = make_pipe(), leash = make_pipe();
  const Inherited fds{gate.read.get(), report.write.get(), setup.unit_log_fd, setup.slots_fd,
                      setup.connections_fd};
  const pid_t self = getpid();
  // Orphans of the program come to us, so that none is left behind.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  tgid_ = fork();
  if (tgid_ < 0)
    throw Error(ExitCode::machine_cannot, "cannot start the workload",
                {std::string("fork: ") + std::strerror(errno)});
  if (tgid_ == 0)
    become_program(setup, program.get(), fds, failure.write.get(), leash.read.get(), self);
  setpgid(tgid_, tgid_);
  failure.write.reset();
  char text[200];
  const ssize_t got = read(failure.read.get(), text, sizeof(text));
  if (got > 0) {
    kill_group();
    throw Error(ExitCode::machine_cannot,
                "cannot start the workload as user " + std::to_string(setup.user.uid),
                {std::string(text, static_cast<std::size_t>(got))});
  }
  gate_ = std::move(gate.write);
  report_ = std::move(report.read);
  leash_ = std::move(leash.write);
  fcntl(report_.get(), F_SETFL, O_NONBLOCK);
}

Child::~Child() {
  kill_group();
}

// Also ends what was orphaned: that has become our child (PR_SET_CHILD_SUBREAPER) and is still in
// the group. Waits for the group only: whoever uses this library may have children of their own.
void Child::kill_group() {
  if (tgid_ <= 0) return;
  kill(-tgid_, SIGKILL);
  for (;;) {
    const pid_t reaped = waitpid(-tgid_, nullptr, __WALL);
    if (reaped < 0 && errno != EINTR) break;
  }
  tgid_ = -1;
}

void Child::open_gate() {
  const char byte = 'g';
  static_cast<void>(
      !write(gate_.get(), &byte, 1));  // EPIPE: it has died, which the caller will see
}

std::vector<std::string> Child::read_lines() {
  char buffer[65536];
  for (;;) {
    const ssize_t got = read(report_.get(), buffer, sizeof(buffer));
    if (got > 0) unread_.append(buffer, static_cast<std::size_t>(got));
    if (got > 0 || (got < 0 && errno == EINTR)) continue;
    break;
  }
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end; (end = unread_.find('\n', begin)) != std::string::npos; begin = end + 1)
    lines.push_back(unread_.substr(begin, end - begin));
  unread_.erase(0, begin);
  return lines;
}

std::string Child::how_it_ended() const {
  if (!exit_status_) return "is running";
  if (WIFSIGNALED(*exit_status_)) {
    const int signal = WTERMSIG(*exit_status_);
    const char* name = sigabbrev_np(signal);
    return "was killed by " +
           (name ? "SIG" + std::string(name) : "signal " + std::to_string(signal));
  }
  return "exited with code " + std::to_string(WEXITSTATUS(*exit_status_));
}

}  // namespace vtlab::lab
