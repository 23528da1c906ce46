// shared_mutex.h — many readers or one writer, vthreads and platform threads in any mix.
//
// Rule      Shared: any number at a time. Exclusive: one, and nobody shared.
// Rule      Waiting is not interruptible, so that clean-up code can lock, except by the
//           …_interruptibly forms.
// Fairness  First come, first served: who comes while anybody waits waits behind them, so neither
//           readers nor writers starve. It is handed over to the first who waits: a writer alone,
//           or all readers up to the next writer. So it is not for a thread that locks shared what
//           it has locked shared: with a writer between the two it waits for ever.
// Order     Unlocking happens before every later lock that excludes it, as with std::shared_mutex.
// Undefined As with std::shared_mutex; it may be destroyed as soon as all have unlocked.
// Cost      One atomic read-modify-write to lock and to unlock, inline, if nobody waits; readers on
//           several carriers share that cache line. The protocol is in src/sync/shared_mutex.cpp.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "vthreads/detail/wait_queue.h"
#include "vthreads/stop.h"

namespace vthreads {

/// SharedLockable and SharedTimedLockable (of std::chrono::steady_clock): works with
/// std::unique_lock and std::shared_lock. Never throws, except the …_interruptibly forms.
class SharedMutex {
 public:
  constexpr SharedMutex() = default;
  SharedMutex(const SharedMutex&) = delete;
  SharedMutex& operator=(const SharedMutex&) = delete;

  void lock() { lock_until(kNever, detail::OnStop::ignore); }

  /// Fails if it is locked, or anybody waits.
  bool try_lock() {
    std::uint32_t expected = 0;
    return word_.compare_exchange_strong(expected, kWriter, std::memory_order_acquire,
                                         std::memory_order_relaxed);
  }

  /// As lock(), but not beyond the deadline: false then.
  bool try_lock_until(Deadline deadline) { return lock_until(deadline, detail::OnStop::ignore); }
  bool try_lock_for(std::chrono::nanoseconds duration) {
    return try_lock() || try_lock_until(deadline_after(duration));
  }

  /// As try_lock_until(), and throws Stopped, without having locked, if the vthread has to wait and
  /// was asked to stop.
  bool lock_interruptibly(Deadline deadline = kNever) {
    return lock_until(deadline, detail::OnStop::give_up);
  }

  void unlock() {
    std::uint32_t expected = kWriter;
    if (!word_.compare_exchange_strong(expected, 0, std::memory_order_release,
                                       std::memory_order_relaxed)) {
      unlock_slowly(kWriter);
    }
  }

  void lock_shared() { lock_shared_until(kNever, detail::OnStop::ignore); }

  /// Fails if it is locked exclusively, or anybody waits.
  bool try_lock_shared() {
    std::uint32_t seen = word_.load(std::memory_order_relaxed);
    while ((seen & (kWriter | kWaiters)) == 0) {
      if (word_.compare_exchange_weak(seen, seen + kReader, std::memory_order_acquire,
                                      std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  bool try_lock_shared_until(Deadline deadline) {
    return lock_shared_until(deadline, detail::OnStop::ignore);
  }
  bool try_lock_shared_for(std::chrono::nanoseconds duration) {
    return try_lock_shared() || try_lock_shared_until(deadline_after(duration));
  }
  bool lock_shared_interruptibly(Deadline deadline = kNever) {
    return lock_shared_until(deadline, detail::OnStop::give_up);
  }

  void unlock_shared() {
    std::uint32_t seen = word_.load(std::memory_order_relaxed);
    while ((seen & kWaiters) == 0) {
      if (word_.compare_exchange_weak(seen, seen - kReader, std::memory_order_release,
                                      std::memory_order_relaxed)) {
        return;
      }
    }
    unlock_slowly(kReader);
  }

 private:
  struct Record;

  static constexpr std::uint32_t kWriter = 1;
  static constexpr std::uint32_t kWaiters = 2;
  static constexpr std::uint32_t kReader = 4;  // each: up to 2^30 - 1

  bool lock_until(Deadline deadline, detail::OnStop on_stop) {
    return try_lock() || lock_slowly(false, deadline, on_stop);
  }
  bool lock_shared_until(Deadline deadline, detail::OnStop on_stop) {
    return try_lock_shared() || lock_slowly(true, deadline, on_stop);
  }
  bool lock_slowly(bool shared, Deadline deadline, detail::OnStop on_stop);
  void unlock_slowly(std::uint32_t mine);

  bool take_or_announce(bool shared);
  void admit(std::uint32_t holders, detail::GrantList<Record>& admitted);

  std::atomic<std::uint32_t> word_{0};  // kWriter, kWaiters, and kReader times their number
  detail::SpinLock guard_;              // guards queue_, and word_ while kWaiters is set
  detail::WaitQueue<Record> queue_;
};

}  // namespace vthreads
