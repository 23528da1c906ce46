// io.h — read, write, connect and wait on file descriptors without holding a carrier.
//
// Owns      nothing: descriptors stay the caller's.
// Rule      A vthread parks where the call would block; on a platform thread the same call blocks in poll(2).
// Rule      A descriptor goes through prepare() once, or comes from accept() or socket(); then it is closed with
//           io::close(), or prepared again before its number is used for another file. One that never was
//           prepared, but is non-blocking, works too, at one more system call per wait; one that blocks holds the
//           carrier.
// Rule      As with any use of descriptors: who closes one while others use it must know that they may meet the
//           number's next file. Those who *wait* are told (EBADF); those who are about to begin cannot be.
// Threads   Several may wait on one descriptor, for reading and for writing; each gets what it takes, in no
//           promised order.
// Errors    The functions that are named like a system call return as it does on a blocking descriptor: what it
//           returns, or -1 and errno; EINTR is retried. Besides the call's own errors:
//             ETIMEDOUT  the deadline came first; nothing was transferred. What is ready at once is done,
//                        whatever the deadline
//             ECANCELED  the vthread was asked to stop before or during the wait; nothing was transferred
//             EBADF      the descriptor was closed by io::close(), or prepared anew, during the wait
//           epoll_ctl(2)'s errors (ENOSPC: the user's limit of watches) are possible in any call that waits.
//           std::bad_alloc if there is no memory to note the descriptor.
//           Which kinds of file can be waited for, and what cannot be done: docs/vthreads/io.md.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>

#include "vthreads/stop.h"

namespace vthreads::io {

/// errno of the OS thread that runs the caller now. After a call that can park, errno itself may be read from
/// the wrong OS thread: compilers keep its address within a function.
int last_error();

// --- descriptors ---------------------------------------------------------------------------------

/// Makes fd non-blocking (O_NONBLOCK) and begins a new life of its number: whoever still waits on the number
/// fails with EBADF. Once per descriptor, before vthreads use it. Also for regular files, so that read() and
/// write() know that they may block; and again after the file has become something else (a TCP socket that got
/// TLS, TCP_ULP). Errors: std::system_error with fcntl(2)'s code.
void prepare(int fd);

/// Ends the life of the number, wakes every vthread that waits on it (EBADF), and closes it: close(2)'s result.
/// Platform threads are not woken, as with close(2).
int close(int fd);

/// As socket(2); non-blocking, close-on-exec and prepared.
int socket(int domain, int type, int protocol);

/// As accept4(2); what it returns is non-blocking, close-on-exec and prepared. Errors of the listener such as
/// EMFILE are returned at once; the connection then still waits in its queue.
int accept(int fd, sockaddr* address, socklen_t* length, Deadline deadline = kNever);
inline int accept(int fd, Deadline deadline = kNever) {
  return accept(fd, nullptr, nullptr, deadline);
}

/// As connect(2) on a blocking socket. After ETIMEDOUT or ECANCELED the attempt goes on: close the socket.
/// EAGAIN: a UNIX socket whose listener has a full queue; the kernel does not tell when that ends.
int connect(int fd, const sockaddr* address, socklen_t length, Deadline deadline = kNever);

// --- transfers -----------------------------------------------------------------------------------
// One transfer: as the system calls they may move fewer bytes than asked.

ssize_t read(int fd, void* buffer, std::size_t bytes, Deadline deadline = kNever);
ssize_t write(int fd, const void* buffer, std::size_t bytes, Deadline deadline = kNever);
ssize_t readv(int fd, const iovec* parts, int count, Deadline deadline = kNever);
ssize_t writev(int fd, const iovec* parts, int count, Deadline deadline = kNever);

/// `flags` as of recv(2) and send(2).
ssize_t recv(int fd, void* buffer, std::size_t bytes, int flags, Deadline deadline = kNever);
ssize_t send(int fd, const void* buffer, std::size_t bytes, int flags, Deadline deadline = kNever);
ssize_t recvmsg(int fd, msghdr* message, int flags, Deadline deadline = kNever);
ssize_t sendmsg(int fd, const msghdr* message, int flags, Deadline deadline = kNever);

/// For files with a position. They have no deadline: a disk cannot be told to forget a request.
ssize_t pread(int fd, void* buffer, std::size_t bytes, off_t offset);
ssize_t pwrite(int fd, const void* buffer, std::size_t bytes, off_t offset);

// --- waiting -------------------------------------------------------------------------------------

/// As poll(2) for one descriptor: waits for one of `events` (POLLIN, POLLOUT, POLLPRI, POLLRDHUP) and returns
/// those that are there, POLLERR and POLLHUP included; 0 if the deadline came first.
/// Errors: Stopped if the vthread was asked to stop; std::system_error otherwise, EBADF above all.
short wait(int fd, short events, Deadline deadline = kNever);

/// Waits until a read or a write would not block, end of file and errors included; at once for files that are
/// always ready. Errors: as wait(), and std::system_error with ETIMEDOUT.
void wait_readable(int fd, Deadline deadline = kNever);
void wait_writable(int fd, Deadline deadline = kNever);

}  // namespace vthreads::io
