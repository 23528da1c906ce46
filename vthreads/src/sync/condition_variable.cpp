// condition_variable.cpp — two places for those who wait.
//
// Who arrives holds the mutex, so arrivals are one after another without any further lock: each
// puts its record in front of the one that came before, with the next number, and publishes it by
// two stores. Who notifies, or gives up, holds guard_ and first moves what has arrived to the
// queue:
//
//   newest_ → 7 → 6 → 5 → …   arrived_ 7, collected_ 5: 7 and 6 are new, and there; what is behind
//   queue_    3 → 4 → 5       them is in the queue, or gone, and is not looked at
//
// A record that has arrived and is not collected cannot go away, because its owner must collect it
// to leave.
//
// Atomic read-modify-writes: wait 2 (unlock and lock of the mutex), notify 1 (guard_); a wait that
// gives up 1 more.
//
// Rejected: one queue under guard_ (one more read-modify-write per wait, 4.5 of 45 ns per
// hand-over); moving the notified to the queue of the mutex if that is locked (one more
// read-modify-write in notify, the mutex of a waiter must outlive it, and handing the mutex over
// makes others wait).
#include "vthreads/condition_variable.h"

#include <cassert>

namespace vthreads {

struct ConditionVariable::Record : detail::Wait, detail::QueueHook<Record> {
  const Mutex* mutex = nullptr;
  Record* older = nullptr;
  std::uint64_t number = 0;
};

bool ConditionVariable::wait_until(std::unique_lock<Mutex>& lock, Deadline deadline) {
  assert(lock.owns_lock() && "vthreads: wait needs the lock");
  Mutex& mutex = *lock.mutex();
  Record record;
  record.mutex = &mutex;
  arrive(record);
  mutex.unlock();
  const detail::WaitEnd end = detail::await_grant(record, deadline, detail::OnStop::give_up,
                                                  WaitReason::condition_variable, [&] {
                                                    const std::lock_guard guard(guard_);
                                                    collect();
                                                    if (!record.queued) return false;
                                                    leave(record);
                                                    return true;
                                                  });
  mutex.lock();
  return detail::granted_or_throw(end);
}

// Under the mutex.
void ConditionVariable::arrive(Record& record) {
  record.older = newest_.load(std::memory_order_relaxed);
  record.number = arrived_.load(std::memory_order_relaxed) + 1;
  newest_.store(&record, std::memory_order_release);
  arrived_.store(record.number, std::memory_order_release);
}

// Under guard_. The newest may be newer than what is said to have arrived; it is left for the next
// time.
void ConditionVariable::collect() {
  const std::uint64_t arrived = arrived_.load(std::memory_order_acquire);
  if (arrived == collected_) return;
  Record* record = newest_.load(std::memory_order_acquire);
  while (record->number > arrived) record = record->older;
  Record* oldest_new = nullptr;  // turns the order round, by way of next
  for (;; record = record->older) {
    record->next = oldest_new;
    oldest_new = record;
    if (record->number == collected_ + 1) break;
  }
  while (oldest_new != nullptr) {
    Record* const next = oldest_new->next;
    assert((queue_.empty() || queue_.first()->mutex == oldest_new->mutex) &&
           "vthreads: waits on one condition variable with different mutexes");
    queue_.push_back(*oldest_new);
    oldest_new = next;
  }
  collected_ = arrived;
}

// Under guard_.
void ConditionVariable::leave(Record& record) {
  queue_.erase(record);
  left_.store(left_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

void ConditionVariable::wake_one() {
  guard_.lock();
  collect();
  Record* const first = queue_.first();
  if (first != nullptr) leave(*first);
  guard_.unlock();
  if (first != nullptr) detail::grant(*first);
}

void ConditionVariable::wake_all() {
  detail::GrantList<Record> all;
  guard_.lock();
  collect();
  all.add_all_of(queue_);
  left_.store(collected_, std::memory_order_release);
  guard_.unlock();
  all.grant_each([](Record& record) { detail::grant(record); });
}

}  // namespace vthreads
