#include "lab/signals.h"

#include <sys/signalfd.h>

#include <csignal>

namespace vtlab::lab {
namespace {

sigset_t ours() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&set, signal);
  return set;
}

constexpr int kFailedWrites[] = {SIGPIPE, SIGXFSZ};

}  // namespace

void ignore_failed_writes() {
  for (const int signal : kFailedWrites) std::signal(signal, SIG_IGN);
}

void signals_for_a_program() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int signal : kFailedWrites) std::signal(signal, SIG_DFL);
}

Signals::Signals() {
  const sigset_t set = ours();
  sigprocmask(SIG_BLOCK, &set, nullptr);
  fd_ = Fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

Signals::~Signals() {
  // Who was asked to stop is stopping: an impatient second Ctrl-C must not change how it ends.
  if (asked_to_stop()) std::signal(SIGINT, SIG_IGN);
  const sigset_t set = ours();
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

bool Signals::asked_to_stop() {
  signalfd_siginfo info{};
  while (read(fd_.get(), &info, sizeof(info)) == sizeof(info)) {
    if (info.ssi_signo != SIGCHLD) stop_ = true;
  }
  return stop_;
}

}  // namespace vtlab::lab
