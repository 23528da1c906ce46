// timers.h — deadlines → events, earliest first.
//
// Owns      nothing: a Timer lies on the stack of the vthread that waits for it, and is in the heap
//           until it fires or is cancelled, whichever is first.
// Rule      A timer fires under the lock. So once cancel() has returned, nobody will touch the
//           Timer or signal for it.
// Rule      Clock: CLOCK_MONOTONIC, as std::chrono::steady_clock. Equal deadlines fire in the order
//           of add().
// Threads   Anybody.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <vector>

#include "futex.h"
#include "vthread_list.h"

namespace vthreads::detail {

struct Timer {
  Deadline deadline;
  ControlBlock& vthread;
  std::uint64_t order = 0;  // of add(), among equal deadlines
  std::size_t index = 0;    // in the heap
};

class Timers {
 public:
  void add(Timer& timer);

  /// True if it had not fired and never will.
  bool cancel(Timer& timer);

  /// Signals every vthread whose deadline is not after `now`, and appends those that became
  /// runnable.
  void expire(Deadline now, VThreadList& runnable);

  /// The earliest deadline, or kNever. Sequentially consistent: see
  /// SchedulerCore::poll_until_work().
  Deadline earliest() const { return earliest_.load(std::memory_order_seq_cst); }

 private:
  static constexpr std::size_t kNotInHeap = std::numeric_limits<std::size_t>::max();

  static bool before(const Timer& a, const Timer& b);
  void place(std::size_t index, Timer& timer);
  void sift(std::size_t index);
  void remove(Timer& timer);
  void publish_earliest();

  std::mutex mutex_;
  std::vector<Timer*> heap_;  // binary heap, the earliest at 0
  std::uint64_t added_ = 0;
  std::atomic<Deadline> earliest_{kNever};
};

}  // namespace vthreads::detail
