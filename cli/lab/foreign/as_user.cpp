#include "lab/foreign/as_user.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "lab/error.h"
#include "lab/fd.h"
#include "lab/signals.h"

namespace vtlab::lab {
namespace {

std::string read_all(int fd) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t got = read(fd, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

int status_of(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// After fork.
[[noreturn]] void child(const User& user, const std::function<int()>& what, pid_t parent,
                        int said) {
  signals_for_a_program();
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(said, STDOUT_FILENO);
  dup2(said, STDERR_FILENO);
  int code = kFailed;
  try {
    become(user);
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // after become(): a change of user clears it
    if (getppid() != parent) _exit(kFailed);
    code = what();
  } catch (const std::exception& error) {
    write_all(STDERR_FILENO, error.what());
  }
  _exit(code);
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> all;
  for (const std::string& word : words) all.push_back(const_cast<char*>(word.c_str()));
  all.push_back(nullptr);
  return all;
}

}  // namespace

Said as_user(const User& user, const std::function<int()>& what) {
  const auto cannot = [](const char* call) {
    return Error(ExitCode::machine_cannot, "cannot start a process",
                 {std::string(call) + ": " + std::strerror(errno)});
  };
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw cannot("pipe2");
  const Fd reads(ends[0]);
  Fd writes(ends[1]);
  const pid_t parent = getpid();
  // What waits to be written would be written by the child, too: under TSan _exit(2) flushes.
  std::fflush(nullptr);
  const pid_t process = fork();
  if (process < 0) throw cannot("fork");
  if (process == 0) child(user, what, parent, writes.get());
  writes.reset();
  Said said;
  said.text = read_all(reads.get());
  said.status = status_of(process);
  return said;
}

int run(const Command& command) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, command.folder.c_str());
  pid_t process = -1;
  const int error =
      posix_spawn(&process, command.words.front().c_str(), &actions, nullptr,
                  pointers(command.words).data(), pointers(command.environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category(), command.words.front());
  return status_of(process);
}

std::vector<std::string> plain_environment(const User& user) {
  return {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8",
          "HOME=" + (user.home.empty() ? std::string("/nonexistent") : user.home)};
}

}  // namespace vtlab::lab
