// inject_queue.h — vthreads made runnable by somebody who has no run queue, or no room in it.
//
// Owns      nothing; holds runnable vthreads, first in, first out.
// Rule      push() ends with a sequentially consistent store of the size, which empty() loads: the
//           same half of the handshake with sleeping carriers as in run_queue.h.
// Threads   Anybody.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>

#include "vthread_list.h"

namespace vthreads::detail {

class InjectQueue {
 public:
  void push(VThreadList vthreads);

  /// The oldest ones: a fair share for each of `sharers` carriers, at least one and at most `most`.
  VThreadList take(std::size_t sharers, std::size_t most);

  bool empty() const { return size_.load(std::memory_order_seq_cst) == 0; }

 private:
  std::mutex mutex_;
  VThreadList vthreads_;
  std::atomic<std::size_t> size_{0};
};

}  // namespace vthreads::detail
