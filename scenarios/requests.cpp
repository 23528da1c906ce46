#include "scenarios/requests.h"

#include <poll.h>

#include <cerrno>
#include <system_error>

namespace vtlab {
namespace {

[[noreturn]] void fail(int error, const char* what) {
  throw std::system_error(error, std::generic_category(), what);
}

}  // namespace

void send_request(Runtime& runtime, int connection) {
  const char request = 'r';
  if (runtime.write(connection, &request, 1) != 1) fail(errno, "write");
}

void take_answer(Runtime& runtime, int connection) {
  char answer;
  const ssize_t got = runtime.read(connection, &answer, 1);
  if (got < 0) fail(errno, "read");
  if (got == 0) fail(ECONNRESET, "server went away");
}

void wait_in_kernel(int connection) {
  pollfd answer{connection, POLLIN, 0};
  while (poll(&answer, 1, -1) < 0)
    if (errno != EINTR) fail(errno, "poll");
}

}  // namespace vtlab
