// biased_lock.h — a lock that costs its owner next to nothing, and everybody else a system call.
//
// A run queue is used by its carrier at every switch and by a thief hardly ever. So the owner only
// writes one flag and reads another; the thief makes all CPUs order their memory accesses first
// (membarrier(2), MEMBARRIER_CMD_PRIVATE_EXPEDITED, Linux 4.14), which costs it some microseconds.
//
//   owner   busy = 1; (no fence) read locked: if clear, the critical section; busy = 0
//   thief   locked = 1 by exchange; membarrier; wait a little until busy is 0; critical section;
//           locked = 0
//
// Why it is exclusive: the owner's write may still be in its store buffer when it reads `locked`. If
// it read 0 there, the membarrier came later, and that has drained the store buffer: the thief sees
// busy = 1. Checked exhaustively in tests/model.
//
// Rule      Where the kernel refuses membarrier, the owner pays for an atomic exchange instead.
// Rejected  A compare-and-swap on the head for owner and thief alike, as Go does: 4.5 ns for each pop
//           on the machine where this was measured, as much as the whole switch.
#pragma once

#include <atomic>
#include <cstdint>

namespace vthreads::detail {

/// Whether the kernel can make every running thread of this process order its memory accesses.
extern const bool kCpusCanBeOrdered;

class BiasedLock {
 public:
  /// By the owner.
  void enter() {
    if (kCpusCanBeOrdered) [[likely]] {
      busy_.store(true, std::memory_order_relaxed);
      std::atomic_signal_fence(std::memory_order_seq_cst);
    } else {
      busy_.exchange(true, std::memory_order_seq_cst);
    }
    if (locked_.load(std::memory_order_acquire)) [[unlikely]]
      enter_slowly();
  }
  void leave() { busy_.store(false, std::memory_order_release); }

  /// By somebody else. False if another thief is there, or the owner does not leave soon (it may have
  /// lost its CPU).
  bool try_lock();
  void unlock() { locked_.store(false, std::memory_order_release); }

 private:
  void enter_slowly();

  std::atomic<bool> busy_{false};
  std::atomic<bool> locked_{false};
};

}  // namespace vthreads::detail
