// mutex.cpp — what a mutex does when somebody waits.
//
// The word has two bits. kHeld: somebody has locked it. kWaiters: the queue is not empty; from then
// on the word changes under guard_ only, because the fast paths know only 0 and kHeld.
//
//   from        to            who
//   free        held          lock(), inline
//   held        free          unlock(), inline
//   held        held, waiters who has to wait, before it joins the queue
//   held, w.    free, w.      unlock(); wakes the first, unless one is awake already, and leaves it
//                             in the queue
//   free, w.    held (, w.)   whoever comes first: one from the queue, which leaves it then, or
//                             another
//   held, w.    held (, w.)   unlock(), if the first was passed over kPatience times: it has it now
//   held, w.    held          the last one in the queue has given up
//
// So a mutex that is free and waited for always has one awake who will look, or who finds it taken
// and then says so, and is woken by the next unlock().
//
// unlock() touches nothing of the mutex after it is free for somebody who does not need guard_: it
// may be destroyed then.
//
// Atomic read-modify-writes: lock 1, unlock 1. Waiting: lock 2 (3 if it is the first to wait) and
// one per time that it is woken; unlock 2.
//
// Rejected:
//   an unlock() by a plain store: to see who announced itself just before takes a full fence then,
//   7.7 ns instead of 4.5;
//   handing over at every unlock(): a thread that locks again at once would have to switch then;
//   spinning before waiting: 20 turns gained nothing on two carriers or platform threads, and made
//   a mutex that is held across a switch 5 times as slow: on one carrier the holder cannot run;
//   the owner's name in the word, to find errors: costs finding out who one is, in every lock().
#include "vthreads/mutex.h"

#include <mutex>

#include "fatal.h"

namespace vthreads {

using detail::OnStop;

struct Mutex::Record : detail::Wait, detail::QueueHook<Record> {
  bool awake = false;
  std::uint32_t passed_over = 0;
};

// Under guard_: locks if it is free; otherwise kWaiters is set afterwards.
bool Mutex::take_or_announce() {
  std::uint32_t seen = word_.load(std::memory_order_relaxed);
  for (;;) {
    if (seen == kWaiters) {
      word_.store(kHeld | kWaiters, std::memory_order_relaxed);
      return true;
    }
    if (seen == (kHeld | kWaiters)) return false;
    const std::uint32_t wanted = seen == 0 ? kHeld : kHeld | kWaiters;
    if (word_.compare_exchange_weak(seen, wanted, std::memory_order_acquire,
                                    std::memory_order_relaxed)) {
      return wanted == kHeld;
    }
  }
}

bool Mutex::lock_slowly(Deadline deadline, OnStop on_stop) {
  Record record;
  guard_.lock();
  if (take_or_announce()) {
    guard_.unlock();
    return true;
  }
  queue_.push_back(record);
  guard_.unlock();
  for (;;) {
    const bool stopped = on_stop == OnStop::give_up && detail::stop_requested();
    const bool signalled = !stopped && detail::await_signal(deadline, WaitReason::mutex);
    if (record.is_granted()) return true;

    std::unique_lock lock(guard_);
    if (!record.queued) break;  // it is being handed over
    if ((word_.load(std::memory_order_relaxed) & kHeld) == 0) {
      queue_.erase(record);
      if (record.awake) one_is_awake_ = false;
      word_.store(kHeld | waiters(), std::memory_order_relaxed);
      return true;
    }
    if (record.awake) {
      record.awake = one_is_awake_ = false;
      ++record.passed_over;
    }
    if (signalled) continue;
    queue_.erase(record);
    word_.store(kHeld | waiters(), std::memory_order_release);
    lock.unlock();
    if (stopped) throw Stopped();
    return false;
  }
  while (!record.is_granted()) detail::await_signal(kNever, WaitReason::mutex);
  return true;
}

bool Mutex::try_lock_slowly() {
  if (word_.load(std::memory_order_relaxed) != kWaiters) return false;
  const std::lock_guard lock(guard_);
  if (word_.load(std::memory_order_relaxed) != kWaiters) return false;
  word_.store(kHeld | kWaiters, std::memory_order_relaxed);
  return true;
}

void Mutex::unlock_slowly() {
  std::unique_lock lock(guard_);
  const std::uint32_t seen = word_.load(std::memory_order_relaxed);
  if ((seen & kHeld) == 0) detail::fatal("unlock of a mutex that is not locked");
  if ((seen & kWaiters) == 0) {  // the last waiter has given up meanwhile
    lock.unlock();
    return unlock();
  }
  Record& first = *queue_.first();
  if (first.passed_over >= kPatience) {
    queue_.erase(first);
    if (first.awake) one_is_awake_ = false;
    word_.store(kHeld | waiters(), std::memory_order_relaxed);
    lock.unlock();
    return detail::grant(first);
  }
  word_.store(kWaiters, std::memory_order_release);
  detail::Waker waker;
  if (!one_is_awake_) {
    first.awake = one_is_awake_ = true;
    waker = detail::Waker(first.thread);
    lock.unlock();
    waker.wake();
  }
}

}  // namespace vthreads
