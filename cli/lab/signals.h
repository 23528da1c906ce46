// signals.h — SIGINT, SIGTERM and SIGCHLD as something to wait for instead of something that
// happens.
//
// Owns      a signalfd; the signals are blocked in this process as long as it lives. Make it before
//           any thread.
#pragma once

#include "lab/fd.h"

namespace vtlab::lab {

class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  int fd() const { return fd_.get(); }
  /// Takes what has come; true as soon as the user has asked to stop, and from then on.
  bool asked_to_stop();

 private:
  Fd fd_;
  bool stop_ = false;
};

/// What vtlab itself does not want to end by: a reader that leaves (| head) and a limit on the size of files (ulimit -f) are
/// failed writes. Programs that it starts get them as they are.
void ignore_failed_writes();

/// In a new process, before it becomes a program: as a shell would leave them, so that Ctrl-C ends it.
void signals_for_a_program();

}  // namespace vtlab::lab
