// stop.h — asking a vthread to stop, and the deadlines that every wait takes.
//
// A vthread is asked to stop by VThread::request_stop(), by its Scope when a sibling failed, or through a
// std::stop_source. From then on each of its interruptible waits (sleep, park, join, condition variable,
// semaphore, latch, wait group, channel, select) throws Stopped, and io fails with ECANCELED. Nothing else
// happens to it: code that does not wait is not interrupted, and locking a mutex is not interruptible, so
// that clean-up code can lock.
#pragma once

#include <chrono>
#include <exception>

namespace vthreads {

/// Of CLOCK_MONOTONIC.
using Deadline = std::chrono::steady_clock::time_point;

/// The deadline of a wait that has none.
inline constexpr Deadline kNever = Deadline::max();

/// The deadline that lies `duration` from now; kNever if that is beyond the clock.
inline Deadline deadline_after(std::chrono::nanoseconds duration) {
  const Deadline now = std::chrono::steady_clock::now();
  if (duration > kNever - now) return kNever;
  return duration < std::chrono::nanoseconds(0) ? now : now + duration;
}

/// Thrown by an interruptible wait of a vthread that was asked to stop.
class Stopped : public std::exception {
 public:
  const char* what() const noexcept override { return "vthreads: the vthread was asked to stop"; }
};

}  // namespace vthreads
