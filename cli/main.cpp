// main.cpp — parse, dispatch, and the one place where an Error becomes text and an exit code.
#include <fcntl.h>

#include <cstdio>
#include <exception>
#include <string>

#include "commands/commands.h"
#include "lab/error.h"
#include "lab/signals.h"

namespace {

void print(const char* label, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    std::fprintf(stderr, "  %-5s %s\n", label, line.c_str());
    label = "";
  }
}

// Started with 0, 1 or 2 closed, the next file opened would become standard output. Opened for reading,
// so that writing to it fails and is reported instead of lost.
void fill_closed_standard_fds() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (fcntl(fd, F_GETFD) < 0) open("/dev/null", O_RDONLY);
  }
}

}  // namespace

int main(int argc, char** argv) {
  fill_closed_standard_fds();
  vtlab::lab::ignore_failed_writes();
  try {
    return vtlab::commands::run_command_line(argc, argv, VTLAB_VERSION);
  } catch (const vtlab::lab::Error& error) {
    std::fprintf(stderr, "vtlab: %s\n", error.what_failed.c_str());
    print("why", error.why);
    print("type", error.type);
    return static_cast<int>(error.code);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vtlab: %s\n", error.what());
    return static_cast<int>(vtlab::lab::ExitCode::machine_cannot);
  }
}
