#include "timers.h"

#include <mutex>

namespace vthreads::detail {
namespace {

// So much under the lock at once.
constexpr int kFireMost = 64;
constexpr int kRefineMost = 16;

void signal_timeout(ControlBlock& vthread, VThreadList& runnable) {
  if (!vthread.wake({Actor::deadline, 0})) return;
  vthread.set_timer_fired(true);  // it is ours: nobody else has it before it is in a queue
  runnable.push_back(vthread);
}

}  // namespace

void Timers::add(Timer& timer) {
  const std::lock_guard lock(lock_);
  ladder_.reserve();
  timer.order = added_++;
  timer.handle = ladder_.add(timer.deadline, timer.order, &timer.vthread);
  if (timer.deadline < earliest_.load(std::memory_order_relaxed))
    earliest_.store(timer.deadline, std::memory_order_seq_cst);
}

bool Timers::cancel(Timer& timer) {
  for (bool removed = false;; removed = true) {
    TimerLadder::Memory unused;
    const std::lock_guard lock(lock_);
    if (!removed) {
      if (!ladder_.remove(timer.handle, timer.order)) return false;
      if (timer.deadline > earliest_.load(std::memory_order_relaxed)) return true;
    }
    if (find_earliest(unused)) return true;
  }
}

void Timers::expire(Deadline now, VThreadList& runnable, std::size_t enough) {
  const std::size_t before = runnable.size();
  while (earliest() <= now && runnable.size() - before < enough) {
    for (bool found = false; !found;) {
      TimerLadder::Memory unused;
      const std::lock_guard lock(lock_);
      for (int fired = 0; fired < kFireMost && ladder_.has_first() && ladder_.first() <= now;
           ++fired)
        signal_timeout(*ladder_.pop_first(), runnable);
      found = find_earliest(unused);
    }
  }
}

// A bounded step. False if there is more to be done.
bool Timers::find_earliest(TimerLadder::Memory& unused) {
  for (int steps = 0; !ladder_.has_first() && !ladder_.empty(); ++steps) {
    if (steps == kRefineMost) return false;
    ladder_.refine();
  }
  if (ladder_.empty()) unused = ladder_.take_unused_memory();
  const Deadline found = ladder_.empty() ? kNever : ladder_.first();
  if (found != earliest_.load(std::memory_order_relaxed))
    earliest_.store(found, std::memory_order_seq_cst);
  return true;
}

}  // namespace vthreads::detail
