// wait_queue.h — what every primitive keeps about those who wait for it, and how a wait ends.
//
// Owns      nothing: a record lies on the stack of the thread that waits, until its wait is granted
//           or it has taken its record back.
// Rule      A wait ends in two steps. Under the SpinLock of the primitive somebody takes the record
//           out of the queue: from then on the waiter cannot leave by itself. After unlocking,
//           grant(). So no primitive wakes under its SpinLock, a whole queue is granted without
//           allocating, and whoever grants touches records only, never the primitive: a waiter may
//           destroy it as soon as it returns.
// Rule      A waiter that gives up takes its record back under the same SpinLock. If the record is
//           gone, its wait is being granted, and it waits those few instructions for it: what was
//           granted is never lost.
// Cost      grant() is one release store and what Waker costs; no atomic read-modify-write in here.
// Threads   WaitQueue: under the SpinLock of the primitive that has it.
#pragma once

#include <atomic>
#include <cstdint>

#include "vthreads/detail/waiting.h"
#include "vthreads/stop.h"

namespace vthreads::detail {

/// One wait of one thread.
struct Wait {
  ThreadCore& thread = current_thread();
  std::atomic<bool> granted{false};

  bool is_granted() const { return granted.load(std::memory_order_acquire); }
};

/// Ends a wait whose record has been taken out of its queue. Neither the wait nor its record is
/// there afterwards.
inline void grant(Wait& wait) {
  grant(wait.thread, wait.granted);
}

/// What a record needs to be in a WaitQueue.
template <class Record>
struct QueueHook {
  Record* next = nullptr;
  Record* previous = nullptr;
  bool queued = false;
};

/// First in, first out; any record can be taken out.
template <class Record>
class WaitQueue {
 public:
  bool empty() const { return first_ == nullptr; }
  Record* first() const { return first_; }

  void push_back(Record& record) {
    record.queued = true;
    record.next = nullptr;
    record.previous = last_;
    (last_ == nullptr ? first_ : last_->next) = &record;
    last_ = &record;
  }

  void erase(Record& record) {
    record.queued = false;
    (record.previous == nullptr ? first_ : record.previous->next) = record.next;
    (record.next == nullptr ? last_ : record.next->previous) = record.previous;
  }

  /// nullptr if empty.
  Record* pop_front() {
    Record* const record = first_;
    if (record != nullptr) erase(*record);
    return record;
  }

 private:
  Record* first_ = nullptr;
  Record* last_ = nullptr;
};

/// Records that have been taken out and wait to be granted, in the order in which they were added.
template <class Record>
class GrantList {
 public:
  void add(Record& record) {
    record.next = nullptr;
    *end_ = &record;
    end_ = &record.next;
  }
  void add_all_of(WaitQueue<Record>& queue) {
    while (Record* const record = queue.pop_front()) add(*record);
  }

  GrantList() = default;
  GrantList(const GrantList&) = delete;
  GrantList& operator=(const GrantList&) = delete;

  /// Calls `grant_one` for each; a record is not touched any more once it has been granted.
  template <class Grant>
  void grant_each(Grant grant_one) {
    while (first_ != nullptr) {
      Record& record = *first_;
      first_ = record.next;
      grant_one(record);
    }
  }

 private:
  Record* first_ = nullptr;
  Record** end_ = &first_;
};

/// The record of a thread that waits for one thing only.
struct WaitRecord : Wait, QueueHook<WaitRecord> {};

enum class OnStop : std::uint8_t { ignore, give_up };
enum class WaitEnd : std::uint8_t { granted, timeout, stopped };

/// Waits until `wait` is granted; with the record in its queue and the SpinLock unlocked. `leave()`
/// is called at most once, when the deadline has come or the thread was asked to stop: it takes the
/// record out under the SpinLock, or returns false if somebody has taken it already.
template <class Leave>
WaitEnd await_grant(Wait& wait, Deadline deadline, OnStop on_stop, WaitReason reason, Leave leave) {
  for (;;) {
    const Awaited how = on_stop == OnStop::give_up
                            ? await_signal_or_stop(wait.thread, deadline, reason)
                        : await_signal(deadline, reason) ? Awaited::signalled
                                                         : Awaited::timeout;
    if (wait.is_granted()) return WaitEnd::granted;
    if (how == Awaited::signalled) continue;
    if (leave()) return how == Awaited::stopped ? WaitEnd::stopped : WaitEnd::timeout;
    while (!wait.is_granted()) await_signal(kNever, reason);
    return WaitEnd::granted;
  }
}

/// Whether it was granted. Errors: Stopped.
inline bool granted_or_throw(WaitEnd end) {
  if (end == WaitEnd::stopped) throw Stopped();
  return end == WaitEnd::granted;
}

}  // namespace vthreads::detail
