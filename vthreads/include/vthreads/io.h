// io.h — read, write and wait on file descriptors without holding a carrier.
//
// Owns      nothing: descriptors stay the caller's.
// Rule      A vthread parks where the call would block; on a platform thread the same call blocks
//           in poll(2).
// Threads   Several may wait on one descriptor, for reading and for writing. Closing a descriptor
//           on which somebody waits leaves that waiter waiting: wake it first (for a socket:
//           shutdown(2)).
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace vthreads::io {

/// Makes fd non-blocking (O_NONBLOCK). Once per descriptor, before vthreads use it; without it
/// read() and write() block the carrier. Errors: std::system_error with fcntl(2)'s code.
void prepare(int fd);

/// As read(2) and write(2) on a blocking descriptor, except that EINTR is retried: the number of
/// bytes, or -1 and errno. One transfer: as the system calls they may move fewer bytes than asked.
/// Errors: std::system_error if the descriptor cannot be waited for (see wait_readable).
ssize_t read(int fd, void* buffer, std::size_t bytes);
ssize_t write(int fd, const void* buffer, std::size_t bytes);

/// Waits until a read or a write would not block, end of file and errors included; at once for
/// files that are always ready. May return early if the number was closed and reused: try, and wait
/// again on EAGAIN. Errors: std::system_error with epoll_ctl(2)'s or poll(2)'s code, EBADF above
/// all.
void wait_readable(int fd);
void wait_writable(int fd);

}  // namespace vthreads::io
