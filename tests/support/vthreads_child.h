// vthreads_child.h — runs something that may die in a process of its own, and tells how that ended.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <fstream>
#include <string>

namespace vthreads::test {

struct Ended {
  int signal = 0;  ///< that killed it
  int exit_code = 0;
  std::string said;  ///< on standard error
};

inline Ended wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
  }
  Ended ended;
  if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
  if (WIFEXITED(status)) ended.exit_code = WEXITSTATUS(status);
  return ended;
}

/// Runs a program of this build with one argument; without core dump.
inline Ended run_program(const std::string& name, const std::string& argument) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  const std::string path = std::string(VTLAB_BINARY_DIR) + "/" + name;
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::dup2(ends[1], STDERR_FILENO);
    ::execl(path.c_str(), name.c_str(), argument.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  std::string said;
  std::array<char, 512> part{};
  ssize_t n = 0;
  while ((n = ::read(ends[0], part.data(), part.size())) > 0)
    said.append(part.data(), static_cast<std::size_t>(n));
  ::close(ends[0]);
  Ended ended = wait_for(child);
  ended.said = said;
  return ended;
}

/// A field of /proc/self/status, in bytes.
inline std::size_t status_bytes(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::size_t kib = 0;
    if (word == field + ":" && status >> kib) return kib * 1024;
  }
  return 0;
}

}  // namespace vthreads::test
