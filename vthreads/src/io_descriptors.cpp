// io_descriptors.cpp — where descriptors come from and where they end: prepare, socket, accept, connect, close.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <system_error>

#include "io_operation.h"
#include "vthreads/io.h"

namespace vthreads::io {
namespace {

using detail::FileKind;
using detail::Life;

int option(int fd, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, name, &value, &length) == 0 ? value : -1;
}

// By what is asked of the socket itself: IPPROTO_TCP alone may also be a raw socket, SOCK_STREAM also a UNIX or
// SCTP one. With a ULP on top (TLS) a read stops between records, so that is not TCP any more.
bool is_tcp(int fd) {
  if (option(fd, SO_TYPE) != SOCK_STREAM || option(fd, SO_PROTOCOL) != IPPROTO_TCP) return false;
  std::array<char, 16> ulp{};
  socklen_t length = ulp.size();
  return ::getsockopt(fd, IPPROTO_TCP, TCP_ULP, ulp.data(), &length) != 0 || ulp[0] == '\0';
}

FileKind kind_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return FileKind::other;
  if (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode)) return FileKind::regular;
  return S_ISSOCK(status.st_mode) && is_tcp(fd) ? FileKind::tcp : FileKind::other;
}

void begin(int fd, bool prepared, FileKind kind) {
  detail::begin_life(fd, prepared, kind);
  detail::forget_everywhere(fd);
}

}  // namespace

void prepare(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ((flags & O_NONBLOCK) == 0 && ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)) {
    throw std::system_error(errno, std::generic_category(),
                            "vthreads: make a descriptor non-blocking");
  }
  begin(fd, true, kind_of(fd));
}

int close(int fd) {
  if (fd >= 0) begin(fd, false, FileKind::unknown);
  return ::close(fd);
}

int socket(int domain, int type, int protocol) {
  const int fd = ::socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  if (fd >= 0) begin(fd, true, is_tcp(fd) ? FileKind::tcp : FileKind::other);
  return fd;
}

int accept(int fd, sockaddr* address, socklen_t* length, Deadline deadline) {
  const auto accepted =
      static_cast<int>(run({fd, detail::kReading, deadline, 0, true, WaitReason::io_accept}, [=] {
        return static_cast<ssize_t>(::accept4(fd, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC));
      }));
  if (accepted < 0) return accepted;
  // A connection is of its listener's kind.
  const FileKind listener = detail::life_of(fd).kind();
  if (listener != FileKind::unknown) {
    begin(accepted, true, listener);
  } else {
    begin(accepted, true, is_tcp(accepted) ? FileKind::tcp : FileKind::other);
  }
  return accepted;
}

int connect(int fd, const sockaddr* address, socklen_t length, Deadline deadline) {
  if (fd >= 0 && detail::current_vthread() != nullptr && detail::stop_requested())
    return static_cast<int>(fail(ECANCELED));
  if (::connect(fd, address, length) == 0) return 0;
  if (const int error = last_error(); error != EINPROGRESS && error != EINTR) return -1;
  const ssize_t connected =
      run({fd, detail::kWriting, deadline, 0, false, WaitReason::io_connect}, [=]() -> ssize_t {
        pollfd wanted{fd, POLLOUT, 0};
        const int ready = ::poll(&wanted, 1, 0);
        if (ready == 0) return fail(EAGAIN);
        if (ready < 0) return -1;
        const int error = (wanted.revents & POLLNVAL) != 0 ? EBADF : option(fd, SO_ERROR);
        return error == 0 ? 0 : fail(error);
      });
  return static_cast<int>(connected);
}

}  // namespace vthreads::io
