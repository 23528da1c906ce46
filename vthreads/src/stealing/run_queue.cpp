#include "stealing/run_queue.h"

#include <new>
#include <utility>

namespace vthreads::detail {

RunQueue::RunQueue(std::uint32_t slots, std::uint32_t most_slots)
    : mask_(slots - 1), most_slots_(most_slots), slots_(std::make_unique<ControlBlock*[]>(slots)) {}

void RunQueue::push_to_full(ControlBlock& vthread) {
  if (!overflow_.empty() || !grow()) return overflow_.push_back(vthread);
  const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
  slot(tail) = &vthread;
  tail_.store(tail + 1, std::memory_order_relaxed);
}

bool RunQueue::grow() {
  if (slots() >= most_slots_) return false;
  std::unique_ptr<ControlBlock*[]> larger(new (std::nothrow)
                                              ControlBlock*[2 * std::size_t{slots()}]);
  if (larger == nullptr) return false;
  const std::uint32_t mask = 2 * slots() - 1;
  const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
  for (std::uint32_t i = head_.load(std::memory_order_relaxed); i != tail; ++i)
    larger[i & mask] = slot(i);
  slots_ = std::move(larger);
  mask_ = mask;
  return true;
}

// The ring has room again. It must not look empty while the list is not.
void RunQueue::refill() {
  std::uint32_t tail = tail_.load(std::memory_order_relaxed);
  for (std::uint32_t room = slots() - size(); room > 0 && !overflow_.empty(); --room)
    slot(tail++) = overflow_.pop_front();
  tail_.store(tail, std::memory_order_relaxed);
}

ControlBlock* RunQueue::pop_any(std::uint32_t position) {
  lock_.enter();
  const std::uint32_t head = head_.load(std::memory_order_relaxed);
  if (!empty()) std::swap(slot(head), slot(head + position % size()));
  lock_.leave();
  return pop();
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
