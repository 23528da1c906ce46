// shared_mutex.cpp — what a shared mutex does when somebody waits.
//
// The word says who holds it (kWriter, or a number of readers) and whether the queue is not empty
// (kWaiters). While kWaiters is set, the word changes under guard_ only, since the inline paths
// leave it alone then; and somebody holds it, because whoever leaves hands it over at once:
//
//   leaves                   lets in
//   the last holder          the first in the queue: a writer, or all readers up to the next writer
//   a writer that gives up   the readers behind it, if it was the first and readers hold it
//
// Atomic read-modify-writes: 1 to lock, 1 to unlock. Waiting: lock 2 (3 if it is the first to
// wait), unlock 1 (2 for a writer), nothing when it is woken.
//
// Rejected: barging as in mutex.cpp (a stream of readers would keep every writer out); a reader
// count per carrier (readers would not share a cache line, but a writer must then ask every
// carrier, and platform threads have none).
#include "vthreads/shared_mutex.h"

#include <mutex>

#include "fatal.h"

namespace vthreads {

using detail::GrantList;
using detail::OnStop;

struct SharedMutex::Record : detail::Wait, detail::QueueHook<Record> {
  explicit Record(bool is_shared) : shared(is_shared) {}

  const bool shared;
};

// Under guard_: locks if it may; otherwise kWaiters is set afterwards.
bool SharedMutex::take_or_announce(bool shared) {
  std::uint32_t seen = word_.load(std::memory_order_relaxed);
  while ((seen & kWaiters) == 0) {
    const bool free = shared ? (seen & kWriter) == 0 : seen == 0;
    const std::uint32_t wanted = !free ? seen | kWaiters : seen + (shared ? kReader : kWriter);
    if (word_.compare_exchange_weak(seen, wanted, std::memory_order_acquire,
                                    std::memory_order_relaxed)) {
      return free;
    }
  }
  return false;
}

// Under guard_, kWaiters set: `holders` hold it, and whoever may now, too.
void SharedMutex::admit(std::uint32_t holders, GrantList<Record>& admitted) {
  for (;;) {
    Record* const first = queue_.first();
    if (first == nullptr) break;
    if (first->shared ? (holders & kWriter) != 0 : holders != 0) break;
    holders += first->shared ? kReader : kWriter;
    queue_.erase(*first);
    admitted.add(*first);
  }
  word_.store(holders | (queue_.empty() ? 0 : kWaiters), std::memory_order_release);
}

bool SharedMutex::lock_slowly(bool shared, Deadline deadline, OnStop on_stop) {
  Record record(shared);
  guard_.lock();
  if (take_or_announce(shared)) {
    guard_.unlock();
    return true;
  }
  queue_.push_back(record);
  guard_.unlock();

  GrantList<Record> admitted;
  const detail::WaitEnd end =
      detail::await_grant(record, deadline, on_stop, WaitReason::shared_mutex, [&] {
        const std::lock_guard lock(guard_);
        if (!record.queued) return false;
        queue_.erase(record);
        admit(word_.load(std::memory_order_acquire) & ~kWaiters, admitted);
        return true;
      });
  admitted.grant_each([](Record& other) { detail::grant(other); });
  return detail::granted_or_throw(end);
}

void SharedMutex::unlock_slowly(std::uint32_t mine) {
  GrantList<Record> admitted;
  guard_.lock();
  const std::uint32_t seen = word_.load(std::memory_order_acquire);
  const bool is_mine = mine == kWriter ? (seen & kWriter) != 0 : seen >= kReader;
  if (!is_mine) detail::fatal("unlock of a shared mutex that is not locked so");
  if ((seen & kWaiters) == 0) {  // the last waiter has given up meanwhile
    guard_.unlock();
    return mine == kWriter ? unlock() : unlock_shared();
  }
  admit((seen & ~kWaiters) - mine, admitted);
  guard_.unlock();
  admitted.grant_each([](Record& record) { detail::grant(record); });
}

}  // namespace vthreads
