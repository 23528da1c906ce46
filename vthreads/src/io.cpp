#include "vthreads/io.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "scheduler.h"
#include "vthread.h"

namespace vthreads::io {
namespace {

// errno of the OS thread that runs this now. The compiler may keep the address of errno, and after
// a park that would be another thread's; hence a function of its own.
[[gnu::noinline]] int last_error() {
  return errno;
}

[[noreturn]] void refuse_descriptor() {
  throw std::system_error(EBADF, std::generic_category(), "vthreads: wait for a descriptor");
}

void wait_for(int fd, detail::Direction direction) {
  if (fd < 0) refuse_descriptor();  // poll(2) would wait for nothing, for ever
  if (detail::ControlBlock* self = detail::current_vthread()) {
    self->scheduler.poller().wait(fd, direction);
    return;
  }
  pollfd wanted{fd, static_cast<short>(direction == detail::Direction::read ? POLLIN : POLLOUT), 0};
  while (::poll(&wanted, 1, -1) < 0) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "vthreads: poll");
  }
  if ((wanted.revents & POLLNVAL) != 0) refuse_descriptor();
}

// Tries first: data is often there already, and then the kernel is entered once.
template <class Transfer>
ssize_t transfer(int fd, detail::Direction direction, Transfer try_it) {
  for (;;) {
    const ssize_t bytes = try_it();
    if (bytes >= 0) return bytes;
    const int error = last_error();
    if (error == EINTR) continue;
    if (error != EAGAIN && error != EWOULDBLOCK) return bytes;
    wait_for(fd, direction);
  }
}

}  // namespace

void prepare(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) {
    throw std::system_error(errno, std::generic_category(),
                            "vthreads: make a descriptor non-blocking");
  }
}

ssize_t read(int fd, void* buffer, std::size_t bytes) {
  return transfer(fd, detail::Direction::read, [=] { return ::read(fd, buffer, bytes); });
}

ssize_t write(int fd, const void* buffer, std::size_t bytes) {
  return transfer(fd, detail::Direction::write, [=] { return ::write(fd, buffer, bytes); });
}

void wait_readable(int fd) {
  wait_for(fd, detail::Direction::read);
}
void wait_writable(int fd) {
  wait_for(fd, detail::Direction::write);
}

}  // namespace vthreads::io
