#include "stealing/run_queue.h"

namespace vthreads::detail {

RunQueue::RunQueue(std::uint32_t slots)
    : mask_(slots - 1), slots_(std::make_unique<ControlBlock*[]>(slots)) {}

// Half a ring at a time, so that the list is touched seldom. Leaves the ring empty only if the list is.
void RunQueue::refill() {
  if (size() > slots() / 2) return;
  std::uint32_t tail = tail_.load(std::memory_order_relaxed);
  for (std::uint32_t room = slots() - size(); room > 0 && !overflow_.empty(); --room)
    slot(tail++) = overflow_.pop_front();
  tail_.store(tail, std::memory_order_relaxed);
}

std::uint32_t RunQueue::steal_half(RunQueue& victim) {
  if (victim.empty() || !victim.lock_.try_lock()) return 0;
  const std::uint32_t there = victim.size();
  const std::uint32_t half = there - there / 2;
  std::uint32_t head = victim.head_.load(std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < half; ++i) push(*victim.slot(head++));
  victim.head_.store(head, std::memory_order_relaxed);
  if (!victim.overflow_.empty()) victim.refill();
  victim.lock_.unlock();
  return half;
}

VThreadList RunQueue::take_all() {
  VThreadList all;
  while (ControlBlock* const vthread = pop()) all.push_back(*vthread);
  return all;
}

}  // namespace vthreads::detail
