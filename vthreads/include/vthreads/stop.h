// stop.h — asking a vthread to stop, and the deadlines that every wait takes.
//
// A vthread is asked to stop by VThread::request_stop(), by its Scope when a sibling failed, through the
// std::stop_source of its StartOptions::stop, or by a Scheduler that is destroyed and could not end
// otherwise. From then on each of its interruptible waits (sleep, park, join, condition variable, semaphore,
// latch, wait group, channel, select) throws Stopped, and io fails with ECANCELED. Nothing else happens to it:
// code that does not wait is not interrupted, and locking a mutex is not interruptible, so that clean-up
// code can lock. Clean-up that waits otherwise hides the request with a StopMask.
//
// Where to look: what waits here throws; other code asks this_vthread::stop_requested(), or has a
// std::stop_callback with this_vthread::stop_token(). To end by Stopped is no failure: join() returns.
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
