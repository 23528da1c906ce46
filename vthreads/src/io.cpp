// io.cpp — transfers and waits; what makes and ends descriptors is in io_descriptors.cpp.
#include "vthreads/io.h"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>

#include "futex.h"
#include "io_operation.h"
#include "run_blocking.h"

namespace vthreads::io {
namespace {

using detail::kReading;
using detail::kWriting;

// With other flags the call asks for something else than the next data, or leaves it where it is.
bool is_plain(int flags) {
  return (flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL)) == 0;
}

std::size_t bytes_of(const iovec* parts, int count) {
  std::size_t bytes = 0;
  for (int i = 0; i < count; ++i) bytes += parts[i].iov_len;
  return bytes;
}

struct Result {
  ssize_t value;
  int error;
};

// A transfer that holds an OS thread however it is called: by the kernel itself if the backend can have that done,
// else where blocking calls go.
template <class Call>
ssize_t run_on_file(const detail::FileTransfer* transfer, Call call) {
  if (detail::ControlBlock* const self = detail::current_vthread()) {
    if (detail::stop_requested()) return fail(ECANCELED);
    if (transfer != nullptr) {
      if (const auto result = self->scheduler.poller().transfer(*transfer))
        return *result < 0 ? fail(-*result) : *result;
    }
  }
  const Result result = detail::run_blocking([&] {
    for (;;) {
      const ssize_t value = call();
      if (value >= 0 || errno != EINTR) return Result{value, errno};
    }
  });
  return result.value < 0 ? fail(result.error) : result.value;
}

detail::FileTransfer file_read(int fd, void* buffer, std::size_t bytes, off_t offset) {
  return {.kind = detail::FileTransfer::Kind::read,
          .fd = fd,
          .buffer = buffer,
          .bytes = static_cast<std::uint32_t>(std::min(bytes, parts::kMostBytes)),
          .offset = offset};
}

detail::FileTransfer file_write(int fd, const void* buffer, std::size_t bytes, off_t offset) {
  detail::FileTransfer transfer = file_read(fd, const_cast<void*>(buffer), bytes, offset);
  transfer.kind = detail::FileTransfer::Kind::write;
  return transfer;
}

bool is_file(int fd) {
  return fd >= 0 && detail::life_of(fd).kind() == detail::FileKind::regular;
}

std::uint32_t directions_of(short events) {
  const bool writing = (events & POLLOUT) != 0;
  return (writing ? kWriting : 0) | ((events & ~POLLOUT) != 0 || !writing ? kReading : 0);
}

[[noreturn]] void throw_error(int error) {
  throw std::system_error(error, std::generic_category(), "vthreads: wait for a descriptor");
}

}  // namespace

ssize_t fail(int error) {
  errno = error;
  return -1;
}

[[gnu::noinline]] int last_error() {
  return errno;
}

int poll_until(int fd, short events, Deadline deadline, short& got) {
  for (;;) {
    pollfd wanted{fd, events, 0};
    timespec timeout{};
    if (deadline != kNever) {
      const auto left = deadline - std::chrono::steady_clock::now();
      timeout = detail::to_timespec(std::max<std::chrono::nanoseconds>(left, {}));
    }
    const int ready = ::ppoll(&wanted, 1, deadline == kNever ? nullptr : &timeout, nullptr);
    if (ready < 0 && errno == EINTR) continue;
    got = wanted.revents;
    if ((got & POLLNVAL) != 0) return static_cast<int>(fail(EBADF));
    return ready;
  }
}

ssize_t read(int fd, void* buffer, std::size_t bytes, Deadline deadline) {
  const auto call = [=] { return ::read(fd, buffer, bytes); };
  if (is_file(fd)) {
    const detail::FileTransfer transfer = file_read(fd, buffer, bytes, -1);
    return run_on_file(&transfer, call);
  }
  return run({fd, kReading, deadline, bytes, bytes != 0}, call);
}

ssize_t write(int fd, const void* buffer, std::size_t bytes, Deadline deadline) {
  const auto call = [=] { return ::write(fd, buffer, bytes); };
  if (is_file(fd)) {
    const detail::FileTransfer transfer = file_write(fd, buffer, bytes, -1);
    return run_on_file(&transfer, call);
  }
  return run({fd, kWriting, deadline, bytes, bytes != 0}, call);
}

ssize_t readv(int fd, const iovec* parts, int count, Deadline deadline) {
  const auto call = [=] { return ::readv(fd, parts, count); };
  if (is_file(fd)) return run_on_file(nullptr, call);
  const std::size_t bytes = bytes_of(parts, count);
  return run({fd, kReading, deadline, bytes, bytes != 0}, call);
}

ssize_t writev(int fd, const iovec* parts, int count, Deadline deadline) {
  const auto call = [=] { return ::writev(fd, parts, count); };
  if (is_file(fd)) return run_on_file(nullptr, call);
  const std::size_t bytes = bytes_of(parts, count);
  return run({fd, kWriting, deadline, bytes, bytes != 0}, call);
}

ssize_t recv(int fd, void* buffer, std::size_t bytes, int flags, Deadline deadline) {
  return run({fd, kReading, deadline, bytes, bytes != 0 && is_plain(flags)},
             [=] { return ::recv(fd, buffer, bytes, flags); });
}

ssize_t send(int fd, const void* buffer, std::size_t bytes, int flags, Deadline deadline) {
  return run({fd, kWriting, deadline, bytes, bytes != 0 && is_plain(flags)},
             [=] { return ::send(fd, buffer, bytes, flags); });
}

ssize_t recvmsg(int fd, msghdr* message, int flags, Deadline deadline) {
  return run({fd, kReading, deadline, 0, false}, [=] { return ::recvmsg(fd, message, flags); });
}

ssize_t sendmsg(int fd, const msghdr* message, int flags, Deadline deadline) {
  return run({fd, kWriting, deadline, 0, false}, [=] { return ::sendmsg(fd, message, flags); });
}

ssize_t pread(int fd, void* buffer, std::size_t bytes, off_t offset) {
  const detail::FileTransfer transfer = file_read(fd, buffer, bytes, offset);
  return run_on_file(offset >= 0 && is_file(fd) ? &transfer : nullptr,
                     [=] { return ::pread(fd, buffer, bytes, offset); });
}

ssize_t pwrite(int fd, const void* buffer, std::size_t bytes, off_t offset) {
  const detail::FileTransfer transfer = file_write(fd, buffer, bytes, offset);
  return run_on_file(offset >= 0 && is_file(fd) ? &transfer : nullptr,
                     [=] { return ::pwrite(fd, buffer, bytes, offset); });
}

// The try is a poll(2) that does not wait: readiness is a state, and events only say when to look again.
short wait(int fd, short events, Deadline deadline) {
  short got = 0;
  const bool on_vthread = detail::current_vthread() != nullptr;
  if (fd >= 0 && !on_vthread) {
    if (poll_until(fd, events, deadline, got) < 0) throw_error(errno);
    return got;
  }
  const ssize_t result =
      run({fd, directions_of(events), deadline, 0, false, WaitReason::io_poll}, [&]() -> ssize_t {
        pollfd wanted{fd, events, 0};
        const int ready = ::poll(&wanted, 1, 0);
        if (ready < 0) return -1;
        got = wanted.revents;
        if ((got & POLLNVAL) != 0) return fail(EBADF);
        return ready > 0 ? 1 : fail(EAGAIN);
      });
  if (result > 0) return got;
  const int error = last_error();
  if (error == ETIMEDOUT) return 0;
  if (error == ECANCELED) throw Stopped();
  throw_error(error);
}

void wait_readable(int fd, Deadline deadline) {
  if (wait(fd, POLLIN | POLLRDHUP, deadline) == 0) throw_error(ETIMEDOUT);
}

void wait_writable(int fd, Deadline deadline) {
  if (wait(fd, POLLOUT, deadline) == 0) throw_error(ETIMEDOUT);
}

}  // namespace vthreads::io
