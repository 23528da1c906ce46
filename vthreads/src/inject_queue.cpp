#include "inject_queue.h"

#include <algorithm>
#include <utility>

namespace vthreads::detail {

void InjectQueue::push(VThreadList vthreads) {
  const std::lock_guard lock(mutex_);
  vthreads_.append(std::move(vthreads));
  size_.store(vthreads_.size(), std::memory_order_seq_cst);
}

VThreadList InjectQueue::take(std::size_t sharers, std::size_t most) {
  VThreadList taken;
  if (empty()) return taken;
  const std::lock_guard lock(mutex_);
  for (std::size_t n = std::min(vthreads_.size() / sharers + 1, most); n > 0 && !vthreads_.empty();
       --n) {
    taken.push_back(*vthreads_.pop_front());
  }
  size_.store(vthreads_.size(), std::memory_order_seq_cst);
  return taken;
}

}  // namespace vthreads::detail
