// semaphore.h — a number of permits that vthreads and platform threads, in any mix, take and give
// back.
//
// Rule      Waiting is interruptible: it throws Stopped, without a permit, if the vthread was asked
//           to stop. A permit that comes at the same time as the deadline or the stop counts as
//           received.
// Fairness  First come, first served: a permit is handed to the one that has waited longest, and
//           nobody overtakes.
// Order     release() happens before the acquire that gets its permit, as with
//           std::counting_semaphore.
// Undefined Destroying it while somebody waits. It may be destroyed as soon as the last acquire has
//           returned, even if the release() that ended it has not.
// Cost      One atomic read-modify-write to acquire and to release, inline, if nobody waits.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>

#include "vthreads/detail/wait_queue.h"
#include "vthreads/stop.h"

namespace vthreads {

class Semaphore {
 public:
  static constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max() / 4;

  /// Errors: std::invalid_argument if not from 0 to kMax.
  explicit Semaphore(std::int64_t permits);
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  /// Waits for a permit and takes it. Errors: Stopped.
  void acquire() { try_acquire_until(kNever); }

  /// Takes a permit if there is one. False, too, if others wait.
  bool try_acquire() {
    std::int64_t seen = word_.load(std::memory_order_relaxed);
    while (seen >= kPermit) {
      if (word_.compare_exchange_weak(seen, seen - kPermit, std::memory_order_acquire,
                                      std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  /// As acquire(), but not beyond the deadline: false then. Errors: Stopped.
  bool try_acquire_until(Deadline deadline) { return try_acquire() || wait(deadline); }
  bool try_acquire_for(std::chrono::nanoseconds duration) {
    return try_acquire() || wait(deadline_after(duration));
  }

  /// Gives `permits` back, or adds them. Never waits. Errors: std::invalid_argument if there are
  /// fewer than 0, or there would be more than kMax; nothing is added then.
  void release(std::int64_t permits = 1) {
    std::int64_t seen = word_.load(std::memory_order_relaxed);
    while (may_add(seen, permits)) {
      if (word_.compare_exchange_weak(seen, seen + permits * kPermit, std::memory_order_release,
                                      std::memory_order_relaxed)) {
        return;
      }
    }
    release_slowly(permits);
  }

 private:
  static constexpr std::int64_t kWaiters = 1;
  static constexpr std::int64_t kPermit = 2;

  static bool may_add(std::int64_t seen, std::int64_t permits) {
    return (seen & kWaiters) == 0 && permits >= 0 && permits <= kMax - seen / kPermit;
  }
  bool take_or_announce();
  bool wait(Deadline deadline);
  void release_slowly(std::int64_t permits);

  std::atomic<std::int64_t>
      word_;                // kPermit times their number; or kWaiters: the queue is not empty
  detail::SpinLock guard_;  // guards queue_, and word_ while it is kWaiters
  detail::WaitQueue<detail::WaitRecord> queue_;
};

}  // namespace vthreads
