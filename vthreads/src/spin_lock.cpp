#include <sched.h>

#include "vthreads/detail/waiting.h"

namespace vthreads::detail {

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
