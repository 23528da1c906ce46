// run_queue.h — the vthreads that one carrier will run next, first in, first out.
//
// Owns      its ring; not the runnable vthreads in it. The ring doubles when it is full. When it must
//           not grow further, or there is no memory, what comes waits in a list behind it, from which
//           nobody steals.
// Rule      While the list is not empty, new vthreads go to its end: so the order is kept.
// Rule      Vthreads that were left long ago are in no cache: with many in the queue, each pop fetches
//           the control block that will be needed some pops later.
// Threads   push, pop, steal_half: the owner (its carrier). give_half: anybody. size: anybody, a recent
//           value.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "stealing/biased_lock.h"
#include "vthread_list.h"

namespace vthreads::detail {

class RunQueue {
 public:
  static constexpr std::uint32_t kMostSlots = 1U << 20;

  /// Both are powers of two, at least 2: with how many slots the ring begins, and how many it may have.
  explicit RunQueue(std::uint32_t slots, std::uint32_t most_slots = kMostSlots);

  /// Puts it at the end.
  void push(ControlBlock& vthread) {
    lock_.enter();
    const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_relaxed) > mask_ || !overflow_.empty()) [[unlikely]] {
      push_to_full(vthread);
    } else {
      slot(tail) = &vthread;
      tail_.store(tail + 1, std::memory_order_relaxed);
    }
    lock_.leave();
  }

  /// The oldest one; nullptr if empty.
  ControlBlock* pop() {
    lock_.enter();
    const std::uint32_t head = head_.load(std::memory_order_relaxed);
    const std::uint32_t size = tail_.load(std::memory_order_relaxed) - head;
    ControlBlock* vthread = nullptr;
    if (size != 0) {
      vthread = slot(head);
      head_.store(head + 1, std::memory_order_relaxed);
      if (size > kFetchAhead) fetch(slot(head + kFetchAhead));
      if (!overflow_.empty()) [[unlikely]]
        refill();
    }
    lock_.leave();
    return vthread;
  }

  /// As pop(), but that which is at `position` (modulo size) from the oldest of the ring, whose place the
  /// oldest takes.
  ControlBlock* pop_any(std::uint32_t position);

  /// Moves the older half of the victim's ring, rounded up, to the end of this queue. Returns how many.
  std::uint32_t steal_half(RunQueue& victim);

  /// Everything.
  VThreadList take_all();

  /// Of the ring, a recent value; 0 only if there is nothing at all.
  std::uint32_t size() const {
    return tail_.load(std::memory_order_relaxed) - head_.load(std::memory_order_relaxed);
  }
  bool empty() const { return size() == 0; }
  std::uint32_t slots() const { return mask_ + 1; }

 private:
  static constexpr std::uint32_t kFetchAhead = 6;

  ControlBlock*& slot(std::uint32_t position) { return slots_[position & mask_]; }
  static void fetch(const ControlBlock* vthread) {
    const char* const block = reinterpret_cast<const char*>(vthread);
    for (int line = 0; line < 2; ++line) __builtin_prefetch(block + 64 * line);
    for (int line = 3; line <= 10; ++line) __builtin_prefetch(block - 64 * line);
  }
  void push_to_full(ControlBlock& vthread);
  bool grow();
  void refill();

  alignas(64) BiasedLock lock_;
  // Positions count up for ever and wrap around. Written under the lock only.
  std::atomic<std::uint32_t> head_{0};
  std::atomic<std::uint32_t> tail_{0};
  std::uint32_t mask_;
  const std::uint32_t most_slots_;
  std::unique_ptr<ControlBlock*[]> slots_;
  VThreadList overflow_;
};

}  // namespace vthreads::detail
