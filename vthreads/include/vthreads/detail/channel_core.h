// channel_core.h — what a channel is, apart from the type of its values.
//
// Owns      the two queues of those who wait, and the counting of the ring; Channel<T> owns the
//           values in it.
// Rule      Who finds somebody that waits for the opposite takes its record out and moves the value
//           directly from one stack to the other, after unlocking; the ring is used only if nobody
//           waits. So receivers wait only while the ring is empty, and senders only while it is
//           full.
// Rule      A record of a select() is one of several of the same wait; whoever takes it out must
//           also claim the wait, and leaves it if another channel was first.
// Order     What comes before a send happens before what comes after the recv that got its value;
//           close() happens before a recv or send that says closed.
// Threads   begin_…() and wait() under lock(); end_…() after unlock().
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "vthreads/detail/wait_queue.h"
#include "vthreads/stop.h"

namespace vthreads {

/// How a send, a recv or a select has ended.
enum class ChannelStatus : std::uint8_t {
  done,         ///< the value has been handed over
  closed,       ///< it has not, and never will: the channel is closed, and empty if this is a recv
  timeout,      ///< the deadline came first
  would_block,  ///< from try_…: nobody is there to take or give a value now
};

namespace detail {

/// One wait, for one operation or, in a select(), for the first of several.
struct ChannelWait : Wait {
  static constexpr std::uint32_t kOpen = ~std::uint32_t{0};
  static constexpr std::uint32_t kGivenUp = kOpen - 1;

  explicit ChannelWait(bool select) : is_select(select) {}

  /// Decides how a wait ends: an index of a case, or kGivenUp. False if that is decided already.
  bool claim(std::uint32_t by) {
    if (!is_select) return true;  // one record: whoever takes it out is the only one
    std::uint32_t expected = kOpen;
    return winner.compare_exchange_strong(expected, by, std::memory_order_acq_rel);
  }

  const bool is_select;
  std::atomic<std::uint32_t> winner{kOpen};
};

struct ChannelRecord : QueueHook<ChannelRecord> {
  ChannelWait* wait = nullptr;
  void* place = nullptr;    // a sender's T, a receiver's empty std::optional<T>
  std::uint32_t index = 0;  // of the case
  bool closed = false;      // it ended because the channel was closed
};

/// What an operation has found.
struct ChannelStep {
  enum class Kind : std::uint8_t { done, handover, closed, must_wait };

  Kind kind;
  ChannelRecord* peer =
      nullptr;  // to be granted after unlocking; with handover, to move the value from or to
};

/// `Values` says how to move values: give(T*, optional*), store(T*, ring, slot), load(ring, slot,
/// optional*).
class ChannelCore {
 public:
  using Kind = ChannelStep::Kind;

  ChannelCore(std::size_t capacity, void* ring) : capacity_(capacity), ring_(ring) {}
  ChannelCore(const ChannelCore&) = delete;
  ChannelCore& operator=(const ChannelCore&) = delete;
  ~ChannelCore();

  void lock() { guard_.lock(); }
  void unlock() { guard_.unlock(); }

  template <class Values>
  ChannelStep begin_send(const Values& values, void* value) {
    if (closed_) return {Kind::closed};
    if (ChannelRecord* const receiver = take(receivers_)) return {Kind::handover, receiver};
    if (count_ == capacity_) return {Kind::must_wait};
    values.store(value, ring_, wrapped(first_ + count_));
    ++count_;
    return {Kind::done};
  }
  template <class Values>
  static void end_send(const Values& values, void* value, ChannelStep step) {
    if (step.kind != Kind::handover) return;
    values.give(value, step.peer->place);
    grant(*step.peer->wait);
  }

  template <class Values>
  ChannelStep begin_recv(const Values& values, void* into) {
    if (count_ > 0) {
      values.load(ring_, first_, into);
      ChannelRecord* const sender =
          take(senders_);  // the ring was full, so its last slot is this one
      if (sender != nullptr) {
        values.store(sender->place, ring_, first_);
      } else {
        --count_;
      }
      first_ = wrapped(first_ + 1);
      return {Kind::done, sender};
    }
    if (ChannelRecord* const sender = take(senders_)) return {Kind::handover, sender};
    return {closed_ ? Kind::closed : Kind::must_wait};
  }
  template <class Values>
  static void end_recv(const Values& values, void* into, ChannelStep step) {
    if (step.peer == nullptr) return;
    if (step.kind == Kind::handover) values.give(step.peer->place, into);
    grant(*step.peer->wait);
  }

  /// Unlocks, and waits until somebody has taken the value at `place`, or put one there. Errors:
  /// Stopped.
  ChannelStatus wait_to_send(void* place, Deadline deadline) {
    return wait(senders_, place, deadline);
  }
  ChannelStatus wait_to_recv(void* place, Deadline deadline) {
    return wait(receivers_, place, deadline);
  }

  /// For select(), under lock().
  void join_queue(bool sends, ChannelRecord& record) { queue(sends).push_back(record); }
  void leave_queue(bool sends, ChannelRecord& record) {
    if (record.queued) queue(sends).erase(record);
  }
  /// Where to begin looking, of `n`.
  std::size_t random_below(std::size_t n) {
    random_ = random_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>(random_ >> 33U) % n;
  }

  /// Locks by itself.
  void close();
  bool is_closed();
  std::size_t count();

  std::size_t capacity() const { return capacity_; }
  void* ring() const { return ring_; }

  /// Calls `destroy(slot)` for each value in the ring; by the destructor of the channel.
  template <class Destroy>
  void drain(Destroy destroy) {
    for (; count_ > 0; --count_, first_ = wrapped(first_ + 1)) destroy(first_);
  }

 private:
  WaitQueue<ChannelRecord>& queue(bool sends) { return sends ? senders_ : receivers_; }

  static ChannelRecord* take(WaitQueue<ChannelRecord>& queue) {
    for (;;) {
      ChannelRecord* const record = queue.pop_front();
      if (record == nullptr || record->wait->claim(record->index)) return record;
    }
  }

  std::size_t wrapped(std::size_t slot) const { return slot < capacity_ ? slot : slot - capacity_; }

  ChannelStatus wait(WaitQueue<ChannelRecord>& queue, void* place, Deadline deadline);

  SpinLock guard_;
  bool closed_ = false;
  const std::size_t capacity_;
  void* const ring_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  WaitQueue<ChannelRecord> receivers_;
  WaitQueue<ChannelRecord> senders_;
  std::uint64_t random_ = 0;
};

}  // namespace detail
}  // namespace vthreads
