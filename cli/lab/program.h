// program.h — any program that a user names: started behind a gate, as the invoking user.
//
// Owns      our ends of two pipes, and the process until the gate is open. After that it is the
//           user's program: it is never killed because vtlab ends.
// Rule      It stays in vtlab's process group: so it may read the terminal, and Ctrl-C reaches it.
// Threads   The one that made it.
// Rejected  stopping the child by SIGSTOP or PTRACE_TRACEME (its parent or a debugger could see it);
//           starting it as a child of a helper (its exit status would come second hand).
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "lab/fd.h"
#include "lab/privileges.h"

namespace vtlab::lab {

class Program {
 public:
  /// Forks; orphans of the tree become children of this process (PR_SET_CHILD_SUBREAPER). The child
  /// has become the user when this returns. Errors: lab::Error (machine_cannot).
  Program(const std::vector<std::string>& command, const User& user);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  pid_t tgid() const { return tgid_; }
  /// Lets it call execvp(3). Returns 0 once the new program runs, else the errno of the refusal; the
  /// process has then ended and is reaped.
  int open_gate();

 private:
  pid_t tgid_ = -1;
  bool at_gate_ = true;
  Fd gate_, answers_;
};

}  // namespace vtlab::lab
