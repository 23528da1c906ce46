// carrier.h — one OS thread that runs vthreads: pick, mount, unmount, and what is left to do after
// the unmount.
//
// Owns      its run queue, its counters, its place to sleep.
// Rule      What a vthread leaves behind (Parked published, yielded to the tail, Done joined) is
//           finished here, on the carrier's own stack, because only then the vthread's stack is at
//           rest.
// Threads   All functions: the carrier's own thread, except queue (see run_queue.h), counters
//           (relaxed) and wake().
#pragma once

#include <atomic>
#include <cstdint>

#include "run_queue.h"
#include "vthread.h"

namespace vthreads::detail {

/// A number that one carrier counts and anybody may read, without synchronisation.
class Counter {
 public:
  void add(std::uint64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t read() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Carrier {
 public:
  Carrier(SchedulerCore& scheduler, unsigned index, std::uint32_t run_queue_slots,
          std::uint64_t seed);

  /// Runs vthreads on the calling OS thread until the scheduler has no more for it.
  void run();

  /// Sleeps until wake(); returns at once if that was called since the last sleep.
  void sleep();
  void wake();

  /// A number from this carrier's own reproducible sequence, below `bound`.
  unsigned random_below(unsigned bound);

  SchedulerCore& scheduler;
  const unsigned index;
  RunQueue queue;
  std::uint32_t picks = 0;
  int tid = 0;
  ControlBlock* mounted = nullptr;
  Counter started, mounts, parks, steals;

 private:
  void after_unmount(ControlBlock& vthread);

  std::uint64_t random_;
  alignas(64) std::atomic<std::uint32_t> woken_{0};
};

/// The carrier that the calling OS thread is; nullptr elsewhere. Ask again after everything that
/// can park: the vthread may be on another one. Never inlined, so that the compiler cannot keep the
/// address of the thread-local.
[[gnu::noinline]] Carrier* current_carrier() noexcept;

}  // namespace vthreads::detail
