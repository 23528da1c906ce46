// timers.h — deadlines → events, earliest first.
//
// Owns      nothing but its own memory: a Timer lies on the stack of the vthread that waits for it.
//           It is read and written by add() and cancel() only, never when it fires: that would be a
//           cache miss each, and the signal is one already.
// Rule      A timer fires under the lock. So once cancel() has returned, nobody will signal for it.
// Rule      Clock: CLOCK_MONOTONIC, as std::chrono::steady_clock. Equal deadlines fire in the order
//           of add().
// Rule      earliest() is exact, neither too early nor too late, when no add(), cancel() or expire()
//           is under way: each of them computes it before it returns. Meanwhile it may be too early
//           (what it stood for has just been cancelled, or is being fired), never too late. So who
//           reads it to decide how long to sleep may wake for nothing in that case, and only then.
// Rule      The lock is held for some µs at most: longer work lets it go in between. Memory for more
//           timers is allocated under it, in pieces of 64 KiB.
// Threads   Anybody.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "timer_ladder.h"
#include "vthread_list.h"
#include "vthreads/detail/waiting.h"

namespace vthreads::detail {

struct Timer {
  Deadline deadline;
  ControlBlock& vthread;
  std::uint64_t order = 0;  // of add(), among equal deadlines; with the handle it names the entry
  TimerLadder::Handle handle = TimerLadder::kNoHandle;
};

class Timers {
 public:
  static constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

  /// Errors: std::bad_alloc; then nothing has changed.
  void add(Timer& timer);

  /// True if it had not fired and never will. False too if it was never added.
  bool cancel(Timer& timer);

  /// Signals vthreads whose deadline is not after `now`, earliest first, and appends those that became
  /// runnable: all, or until these are `enough`, give or take kFireMost.
  void expire(Deadline now, VThreadList& runnable, std::size_t enough = kAll);

  /// The earliest deadline, or kNever. Sequentially consistent: see
  /// StealingScheduler::idle().
  Deadline earliest() const { return earliest_.load(std::memory_order_seq_cst); }

 private:
  bool find_earliest(TimerLadder::Memory& unused);

  SpinLock lock_;
  TimerLadder ladder_;
  std::uint64_t added_ = 0;
  std::atomic<Deadline> earliest_{kNever};
};

}  // namespace vthreads::detail
