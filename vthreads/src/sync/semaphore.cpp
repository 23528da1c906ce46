// semaphore.cpp — what a semaphore does when somebody waits.
//
// The word is the number of permits, or kWaiters alone: who waits finds none, and permits that come
// are handed to the queue before they are counted. While it is kWaiters it changes under guard_
// only.
//
// What release() adds to the word it adds last, since then somebody may acquire it and destroy the
// semaphore.
//
// Atomic read-modify-writes: acquire 1, release 1. Waiting: acquire 1 (2 if it is the first to
// wait), release 1, and one more if permits are left over.
#include "vthreads/semaphore.h"

#include <mutex>
#include <stdexcept>

namespace vthreads {

using detail::WaitRecord;

Semaphore::Semaphore(std::int64_t permits) : word_(0) {
  if (permits < 0 || permits > kMax) {
    throw std::invalid_argument("vthreads: a semaphore with fewer than 0 permits, or too many");
  }
  word_.store(permits * kPermit, std::memory_order_relaxed);
}

// Under guard_: takes a permit if there is one; otherwise kWaiters is set afterwards.
bool Semaphore::take_or_announce() {
  std::int64_t seen = word_.load(std::memory_order_relaxed);
  while (seen != kWaiters) {
    const std::int64_t wanted = seen == 0 ? kWaiters : seen - kPermit;
    if (word_.compare_exchange_weak(seen, wanted, std::memory_order_acquire,
                                    std::memory_order_relaxed)) {
      return wanted != kWaiters;
    }
  }
  return false;
}

bool Semaphore::wait(Deadline deadline) {
  WaitRecord record;
  guard_.lock();
  if (take_or_announce()) {
    guard_.unlock();
    return true;
  }
  queue_.push_back(record);
  guard_.unlock();
  return detail::granted_or_throw(
      detail::await_grant(record, deadline, detail::OnStop::give_up, WaitReason::semaphore, [&] {
        const std::lock_guard lock(guard_);
        if (!record.queued) return false;
        queue_.erase(record);
        if (queue_.empty()) word_.store(0, std::memory_order_release);
        return true;
      }));
}

void Semaphore::release_slowly(std::int64_t permits) {
  if (permits < 0) throw std::invalid_argument("vthreads: release of fewer than 0 permits");
  detail::GrantList<WaitRecord> served;
  bool too_many = false;
  while (permits > 0 && !too_many) {
    std::int64_t seen = word_.load(std::memory_order_relaxed);
    if (may_add(seen, permits)) {
      if (word_.compare_exchange_weak(seen, seen + permits * kPermit, std::memory_order_release,
                                      std::memory_order_relaxed)) {
        break;
      }
    } else if (seen == kWaiters) {
      const std::lock_guard lock(guard_);
      if (word_.load(std::memory_order_relaxed) != kWaiters) continue;  // the last has given up
      for (; permits > 0 && !queue_.empty(); --permits) served.add(*queue_.pop_front());
      if (queue_.empty()) word_.store(0, std::memory_order_release);
    } else {
      too_many = true;
    }
  }
  served.grant_each([](WaitRecord& record) { detail::grant(record); });
  if (too_many) throw std::invalid_argument("vthreads: a semaphore cannot have so many permits");
}

}  // namespace vthreads
