// inject_queue.h — vthreads made runnable by somebody who has no run queue here.
//
// Owns      nothing; holds runnable vthreads, first in, first out.
// Rule      push() ends with a sequentially consistent store of the size, which empty() loads: this is
//           one half of the handshake with carriers that go to sleep (idle_set.h).
// Threads   Anybody.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <utility>

#include "vthread_list.h"

namespace vthreads::detail {

class InjectQueue {
 public:
  void push(VThreadList vthreads) {
    const std::lock_guard lock(mutex_);
    vthreads_.append(std::move(vthreads));
    size_.store(vthreads_.size(), std::memory_order_seq_cst);
  }

  /// The oldest ones: a fair share for each of `sharers` carriers, at least one and at most `most`.
  VThreadList take(std::size_t sharers, std::size_t most) {
    VThreadList taken;
    if (empty()) return taken;
    const std::lock_guard lock(mutex_);
    for (std::size_t n = std::min(vthreads_.size() / sharers + 1, most);
         n > 0 && !vthreads_.empty(); --n) {
      taken.push_back(*vthreads_.pop_front());
    }
    size_.store(vthreads_.size(), std::memory_order_seq_cst);
    return taken;
  }

  bool empty() const { return size_.load(std::memory_order_seq_cst) == 0; }

 private:
  SpinLock mutex_;
  VThreadList vthreads_;
  std::atomic<std::size_t> size_{0};
};

}  // namespace vthreads::detail
