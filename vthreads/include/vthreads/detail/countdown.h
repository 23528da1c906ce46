// countdown.h — a number, and those who wait until it is 0: what Latch and WaitGroup have in
// common.
//
// Rule      Whoever brings it to 0 ends all waits that have begun before.
// Order     Everything before an add() happens before the return of a wait() that sees its 0.
// Rule      wait() need not look at the SpinLock, so it may return, and the object be destroyed,
//           while the one who brought it to 0 is about to unlock: the destructor waits for those
//           few instructions.
// Cost      add(): one atomic read-modify-write; one more if it ends waits. wait(): none if it is
//           0, else one or two.
// Threads   Anybody.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

#include "vthreads/detail/wait_queue.h"
#include "vthreads/stop.h"

namespace vthreads::detail {

class Countdown {
 public:
  static constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max() / 4;

  /// From 0 to kMax. The reason is that of who waits.
  Countdown(std::int64_t count, WaitReason reason) : word_(count * kOne), reason_(reason) {}
  Countdown(const Countdown&) = delete;
  Countdown& operator=(const Countdown&) = delete;
  ~Countdown();

  /// False, and nothing is changed, if it would be below 0 or above kMax.
  bool add(std::int64_t number) {
    std::int64_t seen = word_.load(std::memory_order_relaxed);
    for (;;) {
      if (number > kMax || number < -kMax) return false;
      const std::int64_t count = seen / kOne + number;
      if (count < 0 || count > kMax) return false;
      if (count == 0 && (seen & kWaiters) != 0) return finish(number);
      if (word_.compare_exchange_weak(seen, seen + number * kOne, std::memory_order_acq_rel,
                                      std::memory_order_relaxed)) {
        return true;
      }
    }
  }

  bool is_zero() const { return word_.load(std::memory_order_acquire) == 0; }

  /// False if the deadline came first. Errors: Stopped.
  bool wait(Deadline deadline) { return is_zero() || wait_slowly(deadline); }

 private:
  static constexpr std::int64_t kWaiters = 1;
  static constexpr std::int64_t kOne = 2;

  bool finish(std::int64_t number);
  bool wait_slowly(Deadline deadline);

  std::atomic<std::int64_t> word_;  // kOne times the number, and kWaiters: the queue is not empty
  const WaitReason reason_;
  SpinLock guard_;  // guards queue_, and kWaiters
  WaitQueue<WaitRecord> queue_;
};

}  // namespace vthreads::detail
