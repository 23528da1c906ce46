#include "vthreads/detail/waiting.h"

#include <sched.h>

#include "thread_core.h"

namespace vthreads::detail {

bool await_signal(Deadline deadline) {
  if (deadline == kNever) return wait(false).has_value();
  return wait(false, deadline).has_value();
}

bool stop_requested() {
  return current_thread().stop.load(std::memory_order_acquire);
}

void throw_if_stopped() {
  if (stop_requested()) throw Stopped();
}

Waker::Waker(ThreadCore& thread) : thread_(&thread), pinned_(true) {
  add_reference(thread);
}

void Waker::wake() {
  ThreadCore& thread = *std::exchange(thread_, nullptr);
  signal(thread);
  if (pinned_) drop_reference(thread);
}

// The holder may have lost its CPU: then ours helps it more than spinning does.
void SpinLock::lock_slowly() {
  for (int tries = 0;; ++tries) {
    while (held_.load(std::memory_order_relaxed)) {
      if (tries++ < 100) {
        __builtin_ia32_pause();
      } else {
        ::sched_yield();
      }
    }
    if (try_lock()) return;
  }
}

}  // namespace vthreads::detail
