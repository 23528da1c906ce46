#include "run_queue.h"

namespace vthreads::detail {

RunQueue::RunQueue(std::uint32_t slots)
    : mask_(slots - 1), slots_(std::make_unique<std::atomic<ControlBlock*>[]>(slots)) {}

VThreadList RunQueue::push(ControlBlock& vthread) {
  const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
  VThreadList overflow;
  for (;;) {
    std::uint32_t head = head_.load(std::memory_order_acquire);
    if (tail - head < slots()) {
      slot(tail).store(&vthread, std::memory_order_relaxed);
      tail_.store(tail + 1, std::memory_order_seq_cst);
      return overflow;
    }
    const std::uint32_t half = slots() / 2;
    if (!head_.compare_exchange_strong(head, head + half, std::memory_order_acq_rel))
      continue;  // a thief made room
    // The slots are ours: nobody writes them but this carrier.
    for (std::uint32_t i = 0; i < half; ++i) {
      overflow.push_back(*slot(head + i).load(std::memory_order_relaxed));
    }
    overflow.push_back(vthread);
    return overflow;
  }
}

ControlBlock* RunQueue::pop() {
  std::uint32_t head = head_.load(std::memory_order_acquire);
  const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
  while (head != tail) {
    ControlBlock* const vthread = slot(head).load(std::memory_order_relaxed);
    if (head_.compare_exchange_weak(head, head + 1, std::memory_order_acq_rel,
                                    std::memory_order_acquire)) {
      return vthread;
    }
  }
  return nullptr;
}

ControlBlock* RunQueue::steal_half(RunQueue& victim, std::uint64_t& taken) {
  const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
  for (;;) {
    std::uint32_t head = victim.head_.load(std::memory_order_acquire);
    const std::uint32_t there = victim.tail_.load(std::memory_order_acquire) - head;
    if (there == 0) return nullptr;
    if (there > victim.slots()) continue;  // head is older than tail: the difference means nothing
    const std::uint32_t half = there - there / 2;
    ControlBlock* newest = nullptr;
    for (std::uint32_t i = 0; i < half; ++i) {
      newest = victim.slot(head + i).load(std::memory_order_relaxed);
      slot(tail + i).store(newest, std::memory_order_relaxed);
    }
    if (!victim.head_.compare_exchange_strong(head, head + half, std::memory_order_acq_rel))
      continue;
    tail_.store(tail + half - 1, std::memory_order_seq_cst);
    taken += half;
    return newest;
  }
}

bool RunQueue::empty() const {
  const std::uint32_t head = head_.load(std::memory_order_seq_cst);
  return head == tail_.load(std::memory_order_seq_cst);
}

}  // namespace vthreads::detail
