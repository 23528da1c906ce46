// countdown.cpp — the waits of a Countdown.
//
// kWaiters is set and cleared under guard_; the number changes without it, except to 0 while
// somebody waits: number and kWaiters become 0 at once then, and the queue is taken.
//
// Rejected: waiters that look at the number themselves when they are woken (it may have risen
// again: a WaitGroup can be used for the next round while the last one's waiters are on their way).
#include "vthreads/detail/countdown.h"

#include <cassert>
#include <mutex>

namespace vthreads::detail {

Countdown::~Countdown() {
  guard_.lock();
  assert(queue_.empty() && "vthreads: a latch or wait group ends while somebody waits");
}

bool Countdown::finish(std::int64_t number) {
  GrantList<WaitRecord> all;
  guard_.lock();
  std::int64_t expected = kWaiters - number * kOne;
  const bool finished = word_.compare_exchange_strong(expected, 0, std::memory_order_acq_rel,
                                                      std::memory_order_relaxed);
  if (finished) all.add_all_of(queue_);
  guard_.unlock();
  if (!finished) return add(number);  // others were faster
  all.grant_each([](WaitRecord& record) { grant(record); });
  return true;
}

bool Countdown::wait_slowly(Deadline deadline) {
  WaitRecord record;
  const WaitReason reason =
      reason_;  // once the record is in the queue, the countdown may end before the wait
  {
    const std::lock_guard lock(guard_);
    std::int64_t seen = word_.load(std::memory_order_acquire);
    while ((seen & kWaiters) == 0) {
      if (seen == 0) return true;
      if (word_.compare_exchange_weak(seen, seen | kWaiters, std::memory_order_acquire)) break;
    }
    queue_.push_back(record);
  }
  return granted_or_throw(await_grant(record, deadline, OnStop::give_up, reason, [&] {
    const std::lock_guard lock(guard_);
    if (!record.queued) return false;
    queue_.erase(record);
    if (queue_.empty()) word_.fetch_and(~kWaiters, std::memory_order_relaxed);
    return true;
  }));
}

}  // namespace vthreads::detail
