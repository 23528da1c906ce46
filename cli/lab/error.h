// error.h — what stops a command: what failed, what was tried and the system's own reason, what to
// type.
#pragma once

#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace vtlab::lab {

/// Exit codes of every vtlab command. Interrupted runs end with 130, as shells expect of SIGINT.
enum class ExitCode {
  done = 0,
  claim_failed = 1,
  usage = 2,
  machine_cannot = 3,
  interrupted = 130
};

/// Thrown by lab and commands, caught only in main, which prints it to stderr.
struct Error : std::exception {
  Error(ExitCode exit_code, std::string failed, std::vector<std::string> reasons = {},
        std::vector<std::string> remedies = {})
      : code(exit_code),
        what_failed(std::move(failed)),
        why(std::move(reasons)),
        type(std::move(remedies)) {}

  const char* what() const noexcept override { return what_failed.c_str(); }

  ExitCode code;
  std::string what_failed;        ///< "cannot start 40009 forks"; lower case, no full stop
  std::vector<std::string> why;   ///< each with the system's own reason
  std::vector<std::string> type;  ///< each a command line
};

}  // namespace vtlab::lab
