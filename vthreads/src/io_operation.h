// io_operation.h — try, wait, try again: what every call of io.h is.
//
// Owns      nothing.
// Rule      What the descriptor counts is read before the try; see poller.h.
// Rule      errno belongs to an OS thread, and a vthread may have another one after every wait. So it is read and
//           written in functions that the compiler must not inline: it may keep errno's address within one.
// Threads   Anybody.
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "poller.h"
#include "scheduler.h"
#include "vthread.h"
#include "vthreads/io.h"

namespace vthreads::io {

struct Operation {
  int fd;
  std::uint32_t directions;
  Deadline deadline;
  std::size_t asked = 0;  // bytes; 0: a result says nothing about what is left
  // EAGAIN means that there is nothing in this direction, so that the next one may wait without trying. Not so
  // for what looks for something else than data or room (a poll, MSG_OOB, MSG_ERRQUEUE).
  bool marks = true;
  WaitReason reason = directions == detail::kWriting ? WaitReason::io_write : WaitReason::io_read;
};

/// Returns -1 with that errno.
[[gnu::noinline]] ssize_t fail(int error);

/// Waits in poll(2): 1, 0 if the deadline came first, or -1 and errno.
int poll_until(int fd, short events, Deadline deadline, short& got);

namespace parts {

// No count has this value: it would take 2^60 events.
inline constexpr std::uint64_t kNotArmed = ~std::uint64_t{0};

// The most bytes that one read or write moves (MAX_RW_COUNT of the kernel): what is asked beyond that is not
// missing in the result.
inline constexpr std::size_t kMostBytes = 0x7ffff000;

inline std::uint64_t look(const detail::Descriptor& descriptor, detail::Life life) {
  if (!life.is_prepared() || descriptor.life.load(std::memory_order_acquire) != life)
    return kNotArmed;
  return descriptor.word.load(std::memory_order_acquire);
}

// There was nothing left, unless an event came since `seen`.
inline void exhaust(detail::Descriptor& descriptor, std::uint64_t seen,
                    const Operation& operation) {
  if (!operation.marks || seen == kNotArmed) return;
  descriptor.word.compare_exchange_strong(seen, seen & ~std::uint64_t{operation.directions},
                                          std::memory_order_acq_rel);
}

inline bool says_nothing_is_left(ssize_t result, std::uint64_t seen, detail::Life life,
                                 const Operation& operation) {
  return result > 0 && static_cast<std::size_t>(result) < std::min(operation.asked, kMostBytes) &&
         life.kind() == detail::FileKind::tcp && seen != kNotArmed &&
         (seen & detail::Descriptor::kOdd) == 0;
}

template <class Try>
ssize_t run_on_vthread(detail::ControlBlock& self, const Operation& operation, Try try_it) {
  const int fd = operation.fd;
  if (detail::stop_requested()) return fail(ECANCELED);
  detail::Poller& poller = self.scheduler.poller();
  const detail::Life life = detail::life_of(fd);
  detail::Descriptor& descriptor = poller.at(fd);
  for (bool last = false;;) {
    const std::uint64_t seen = look(descriptor, life);
    if (last || !operation.marks || (seen & operation.directions) != 0) {
      const ssize_t result = try_it();
      if (result >= 0) {
        if (says_nothing_is_left(result, seen, life, operation))
          exhaust(descriptor, seen, operation);
        return result;
      }
      const int error = last_error();
      if (error == EINTR) continue;
      if (error != EAGAIN) return result;
      if (last) return fail(ETIMEDOUT);
      exhaust(descriptor, seen, operation);
    }
    int error = 0;
    switch (poller.park(fd, life, operation.directions, seen, operation.deadline, operation.reason,
                        error)) {
      case detail::Waited::ready:
        break;
      case detail::Waited::timed_out:
        last = true;  // it may not have tried at all yet
        break;
      case detail::Waited::stopped:
        return fail(ECANCELED);
      case detail::Waited::closed:
        return fail(EBADF);
      case detail::Waited::failed:
        return fail(error);
    }
    if (detail::life_of(fd) != life) return fail(EBADF);
  }
}

template <class Try>
ssize_t run_on_platform_thread(const Operation& operation, Try try_it) {
  const short events =
      static_cast<short>(((operation.directions & detail::kReading) != 0 ? POLLIN : 0) |
                         ((operation.directions & detail::kWriting) != 0 ? POLLOUT : 0));
  for (;;) {
    const ssize_t result = try_it();
    if (result >= 0) return result;
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return result;
    short got = 0;
    const int ready = poll_until(operation.fd, events, operation.deadline, got);
    if (ready < 0) return -1;
    if (ready == 0) return fail(ETIMEDOUT);
  }
}

}  // namespace parts

/// Runs `try_it`, which returns -1 and errno EAGAIN if there is nothing to do yet, until it returns something
/// else.
template <class Try>
ssize_t run(const Operation& operation, Try try_it) {
  if (operation.fd < 0) return fail(EBADF);
  if (detail::ControlBlock* const self = detail::current_vthread())
    return parts::run_on_vthread(*self, operation, try_it);
  return parts::run_on_platform_thread(operation, try_it);
}

}  // namespace vthreads::io
