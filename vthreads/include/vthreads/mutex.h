// mutex.h — mutual exclusion between vthreads and platform threads, in any mix.
//
// Rule      A vthread that has to wait gives up its carrier; a platform thread sleeps.
// Rule      Waiting for a mutex is not interruptible, so that clean-up code can lock, except by
//           lock_interruptibly().
// Fairness  First come, first woken; but who asks while the woken one is on its way may get it
//           first (barging), because handing a mutex to a thread that does not run yet makes
//           everybody else wait for it to run. Whoever was passed over so kPatience times gets it
//           handed over. So nobody starves.
// Order     unlock() happens before the lock that comes next, as with std::mutex.
// Undefined As with std::mutex: unlocking what the caller has not locked, locking again what it has
//           locked (it waits for itself), destroying a mutex that is locked or waited for. It may
//           be destroyed as soon as it has been unlocked, even if that unlock() has not returned
//           yet.
// Cost      lock() and unlock() one atomic read-modify-write each, inline, if nobody waits. The
//           protocol is in src/sync/mutex.cpp.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "vthreads/detail/wait_queue.h"
#include "vthreads/stop.h"

namespace vthreads {

/// Lockable and TimedLockable (of std::chrono::steady_clock): works with std::lock_guard,
/// std::unique_lock, std::scoped_lock and std::lock. Never throws, except lock_interruptibly().
class Mutex {
 public:
  constexpr Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() {
    if (!lock_at_once()) lock_slowly(kNever, detail::OnStop::ignore);
  }

  /// True if the caller has locked it now. Fails only if it is locked.
  bool try_lock() { return lock_at_once() || try_lock_slowly(); }

  /// As lock(), but not beyond the deadline: false then.
  bool try_lock_until(Deadline deadline) {
    return lock_at_once() || lock_slowly(deadline, detail::OnStop::ignore);
  }
  bool try_lock_for(std::chrono::nanoseconds duration) {
    return lock_at_once() || lock_slowly(deadline_after(duration), detail::OnStop::ignore);
  }

  /// As try_lock_until(), and throws Stopped, without having locked, if the vthread has to wait and
  /// was asked to stop.
  bool lock_interruptibly(Deadline deadline = kNever) {
    return lock_at_once() || lock_slowly(deadline, detail::OnStop::give_up);
  }

  /// By whoever has locked it.
  void unlock() {
    std::uint32_t expected = kHeld;
    if (!word_.compare_exchange_strong(expected, 0, std::memory_order_release,
                                       std::memory_order_relaxed)) {
      unlock_slowly();
    }
  }

  /// How often a waiter is woken in vain before the mutex is handed over to it.
  static constexpr std::uint32_t kPatience = 3;

 private:
  struct Record;

  static constexpr std::uint32_t kHeld = 1;
  static constexpr std::uint32_t kWaiters = 2;

  bool lock_at_once() {
    std::uint32_t expected = 0;
    return word_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire,
                                         std::memory_order_relaxed);
  }
  bool lock_slowly(Deadline deadline, detail::OnStop on_stop);
  bool try_lock_slowly();
  void unlock_slowly();

  bool take_or_announce();
  std::uint32_t waiters() const { return queue_.empty() ? 0 : kWaiters; }

  std::atomic<std::uint32_t> word_{0};  // kHeld, kWaiters
  detail::SpinLock guard_;              // guards what is below, and word_ while kWaiters is set
  bool one_is_awake_ = false;           // one in the queue was woken and has not looked yet
  detail::WaitQueue<Record> queue_;
};

}  // namespace vthreads
