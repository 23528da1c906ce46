// condition_variable.h — waiting, with a Mutex unlocked meanwhile, until somebody notifies.
//
// Rule      All who wait at the same time use the same Mutex, and hold it when they call wait, as
//           with std::condition_variable. Who notifies need not hold it.
// Rule      Every wait is interruptible: it throws Stopped if the vthread was asked to stop.
//           However it ends, the lock is held again; taking it again is neither interruptible nor
//           ended by the deadline.
// Rule      A notification is for somebody who waits now. None is lost: a waiter that is notified
//           and at the same time reaches its deadline or is asked to stop counts as notified (true,
//           nothing thrown); its next wait throws.
// Fairness  notify_one() takes the one that has waited longest. Then it competes for the mutex like
//           everybody.
// Spurious  A wait may not, but should be assumed to, return without a notification: use the forms
//           with a predicate, since between the notification and the lock others may run.
// Undefined Destroying it while somebody waits (in a wait, not notified yet).
// Cost      wait: none of its own, besides unlocking and locking the mutex. notify: one atomic
//           read-modify-write, and waking; two loads if nobody waits. The protocol is in
//           src/sync/condition_variable.cpp.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <utility>

#include "vthreads/detail/wait_queue.h"
#include "vthreads/mutex.h"
#include "vthreads/stop.h"

namespace vthreads {

class ConditionVariable {
 public:
  constexpr ConditionVariable() = default;
  ConditionVariable(const ConditionVariable&) = delete;
  ConditionVariable& operator=(const ConditionVariable&) = delete;

  /// Errors: Stopped.
  void wait(std::unique_lock<Mutex>& lock) { wait_until(lock, kNever); }

  /// Waits until `ready()`, which is called with the lock held. If it is true at the first call,
  /// nothing is waited for and nothing thrown. Errors: Stopped, and what `ready` throws.
  template <class Predicate>
  void wait(std::unique_lock<Mutex>& lock, Predicate ready) {
    while (!ready()) wait(lock);
  }

  /// True if notified, false if the deadline came first. Errors: Stopped.
  bool wait_until(std::unique_lock<Mutex>& lock, Deadline deadline);
  bool wait_for(std::unique_lock<Mutex>& lock, std::chrono::nanoseconds duration) {
    return wait_until(lock, deadline_after(duration));
  }

  /// What `ready()` says in the end: false only if the deadline came first. Errors: Stopped, and
  /// what `ready` throws.
  template <class Predicate>
  bool wait_until(std::unique_lock<Mutex>& lock, Deadline deadline, Predicate ready) {
    while (!ready()) {
      if (!wait_until(lock, deadline)) return ready();
    }
    return true;
  }
  template <class Predicate>
  bool wait_for(std::unique_lock<Mutex>& lock, std::chrono::nanoseconds duration, Predicate ready) {
    return wait_until(lock, deadline_after(duration), std::move(ready));
  }

  /// Ends the wait of one, or of all, who wait now; nothing if nobody does. Never waits.
  void notify_one() {
    if (somebody_waits()) wake_one();
  }
  void notify_all() {
    if (somebody_waits()) wake_all();
  }

 private:
  struct Record;

  // In this order: a departure that is seen brings the arrivals before it with it. The other way
  // round, a departure after an arrival that was not seen could hide somebody who waits.
  bool somebody_waits() const {
    const std::uint64_t left = left_.load(std::memory_order_acquire);
    return arrived_.load(std::memory_order_acquire) != left;
  }
  void arrive(Record& record);
  void collect();
  void leave(Record& record);
  void wake_one();
  void wake_all();

  std::atomic<std::uint64_t> arrived_{0};  // written under the mutex of those who wait
  std::atomic<Record*> newest_{nullptr};   // the same; may be gone unless arrived_ > collected_
  std::atomic<std::uint64_t> left_{0};     // written under guard_, as what follows
  detail::SpinLock guard_;
  std::uint64_t collected_ = 0;
  detail::WaitQueue<Record> queue_;
};

}  // namespace vthreads
