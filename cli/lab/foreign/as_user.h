// as_user.h — does something as the invoking user, in a process of its own, and has what was said there. So neither
// a compiler nor a foreign runtime ever runs as root, and what they write belongs to the user.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lab/privileges.h"

namespace vtlab::lab {

struct Said {
  int status = 0;    ///< exit code, or 128 + signal as shells count
  std::string text;  ///< standard output and error
};

/// What it returns is the exit code. An exception there, or a refusal to become the user, is status kFailed and
/// its text the reason. Blocks until the process has ended, and kills it if this one dies. Errors: lab::Error
/// (machine_cannot) if there can be no process.
Said as_user(const User& user, const std::function<int()>& what);
constexpr int kFailed = 125;

struct Command {
  std::vector<std::string> words;        ///< the first is the path of the program
  std::vector<std::string> environment;  ///< all of it
  std::string folder = "/";
};

/// Within as_user: runs a program and waits. Returns its status. Errors: std::system_error if it cannot be
/// started.
int run(const Command& command);

/// An environment in which nothing depends on who calls: HOME of the user, PATH of the system, UTF-8.
std::vector<std::string> plain_environment(const User& user);

}  // namespace vtlab::lab
