// latch.h — waiting until a fixed number of things has been done, by vthreads and platform threads.
//
// Rule      It opens once and stays open. Waiting is interruptible: it throws Stopped if the
//           vthread was asked to stop.
// Order     Everything before a count_down() happens before the return of a wait.
// Undefined Destroying it while somebody waits. It may be destroyed as soon as a wait has returned,
//           even if the count_down() that ended it has not.
// Cost      count_down(): one atomic read-modify-write, inline; the last one two if somebody waits,
//           and waking. wait() on an open latch: one load.
#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>

#include "vthreads/detail/countdown.h"
#include "vthreads/stop.h"

namespace vthreads {

class Latch {
 public:
  /// Errors: std::invalid_argument if not from 0 to 2^61 - 1.
  explicit Latch(std::int64_t count) : countdown_(checked(count), WaitReason::latch) {}

  /// Never waits. Errors: std::logic_error if there are fewer than `number` left, or it is
  /// negative; nothing is counted then.
  void count_down(std::int64_t number = 1) {
    if (number < 0 || !countdown_.add(-number)) {
      throw std::logic_error("vthreads: a latch counted down below 0");
    }
  }

  /// Whether it is open.
  bool try_wait() const { return countdown_.is_zero(); }

  /// Waits until it is open. Errors: Stopped.
  void wait() { countdown_.wait(kNever); }

  /// False if the deadline came first. Errors: Stopped.
  bool wait_until(Deadline deadline) { return countdown_.wait(deadline); }
  bool wait_for(std::chrono::nanoseconds duration) {
    return countdown_.wait(deadline_after(duration));
  }

  /// Errors: as of both; if Stopped, it has been counted down.
  void arrive_and_wait(std::int64_t number = 1) {
    count_down(number);
    wait();
  }

 private:
  static std::int64_t checked(std::int64_t count) {
    if (count >= 0 && count <= detail::Countdown::kMax) return count;
    throw std::invalid_argument("vthreads: a latch with fewer than 0 to count, or too many");
  }

  detail::Countdown countdown_;
};

}  // namespace vthreads
