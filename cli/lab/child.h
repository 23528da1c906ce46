// child.h — the observed program: started behind a gate, as the invoking user, and gone when this
// object is.
//
// Owns      the process, its process group and our ends of its pipes. Whatever is left of the group
//           when the object goes is killed and reaped, also what the program forked; if vtlab
//           itself dies, so does the group.
// Threads   The one that made it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "lab/fd.h"
#include "lab/privileges.h"

namespace vtlab::lab {

struct ChildSetup {
  std::string program;                 ///< path; opened before privileges are dropped
  std::string name = "vtlab-child";    ///< argv[0]
  std::vector<std::string> arguments;  ///< without that
  User user;
  int unit_log_fd = -1;
  int slots_fd = -1;
  int connections_fd = -1;  ///< -1: none
};

class Child {
 public:
  /// Errors: lab::Error (machine_cannot) with the step that failed and the system's reason.
  explicit Child(const ChildSetup& setup);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t tgid() const { return tgid_; }
  int report_fd() const { return report_.get(); }  ///< non-blocking

  void open_gate();  ///< one byte: lets it go on, from the gate or from wherever it waits for vtlab
  /// Complete lines that the program has written and nobody has read yet.
  std::vector<std::string> read_lines();

  /// To be told what waitpid(2) said of tgid().
  void note_exit(int wait_status) { exit_status_ = wait_status; }
  bool exited() const { return exit_status_.has_value(); }
  std::string how_it_ended() const;  ///< "was killed by SIGSEGV", "exited with code 1"

 private:
  void kill_group();

  pid_t tgid_ = -1;
  Fd gate_, report_;
  Fd leash_;  // never written; the group dies when it is closed
  std::string unread_;
  std::optional<int> exit_status_;
};

}  // namespace vtlab::lab
