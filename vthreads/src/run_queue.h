// run_queue.h — the vthreads that one carrier will run next.
//
// Owns      nothing; holds runnable vthreads. A ring of fixed size: what does not fit is the
//           caller's to put elsewhere.
// Rule      Only the owner (its carrier) moves the tail; owner and thieves move the head, each by
//           compare-and-swap after reading the slots it covers, so a vthread is taken by exactly
//           one.
// Rule      push() ends with a sequentially consistent store and empty() loads so: this is one half
//           of the handshake with carriers that go to sleep (idle_set.h).
// Threads   push, pop: the owner. steal_half: the owner of the other queue. empty: anybody.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "vthread_list.h"

namespace vthreads::detail {

class RunQueue {
 public:
  /// slots: a power of two, at least 2.
  explicit RunQueue(std::uint32_t slots);

  /// Puts it at the tail. If the ring is full, takes the older half out and returns it, followed by
  /// `vthread`.
  [[nodiscard]] VThreadList push(ControlBlock& vthread);

  /// The oldest one; nullptr if empty.
  ControlBlock* pop();

  /// Moves the older half of `victim`, rounded up, here; this queue must be empty. Returns the
  /// newest of them, which is not put into this queue, and adds their number to `taken`; nullptr if
  /// the victim is empty.
  ControlBlock* steal_half(RunQueue& victim, std::uint64_t& taken);

  bool empty() const;
  std::uint32_t slots() const { return mask_ + 1; }

 private:
  std::atomic<ControlBlock*>& slot(std::uint32_t position) { return slots_[position & mask_]; }

  const std::uint32_t mask_;
  const std::unique_ptr<std::atomic<ControlBlock*>[]> slots_;
  // Positions count up for ever and wrap around; tail - head is the number of vthreads.
  alignas(64) std::atomic<std::uint32_t> head_{0};
  alignas(64) std::atomic<std::uint32_t> tail_{0};
};

}  // namespace vthreads::detail
