#include "gmp/local_queue.h"

#include <time.h>

namespace vthreads::detail::gmp {

LocalQueue::LocalQueue(std::uint32_t slots)
    : mask_(slots - 1), slots_(std::make_unique<std::atomic<G*>[]>(slots)) {}

// The head is read with acquire: a slot may be written again only after the thief has read it.
bool LocalQueue::put(G& g) {
  const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
  if (tail - head_.load(std::memory_order_acquire) > mask_) return false;
  slot(tail).store(&g, std::memory_order_relaxed);
  tail_.store(tail + 1, std::memory_order_release);
  return true;
}

VThreadList LocalQueue::take_half() {
  VThreadList half;
  const std::uint32_t count = slots() / 2;
  std::uint32_t head = head_.load(std::memory_order_acquire);
  if (tail_.load(std::memory_order_relaxed) - head != slots() ||
      !head_.compare_exchange_strong(head, head + count, std::memory_order_acq_rel))
    return half;  // a thief made room
  // Nobody but the owner writes slots, so these stay as they are until the next put().
  for (std::uint32_t i = 0; i < count; ++i)
    half.push_back(*slot(head + i).load(std::memory_order_relaxed));
  return half;
}

G* LocalQueue::take_next() {
  if (next_.load(std::memory_order_relaxed) == nullptr) return nullptr;
  return next_.exchange(nullptr, std::memory_order_seq_cst);
}

G* LocalQueue::take() {
  for (std::uint32_t head = head_.load(std::memory_order_acquire);;) {
    if (head == tail_.load(std::memory_order_relaxed)) return nullptr;
    G* const g = slot(head).load(std::memory_order_relaxed);
    if (head_.compare_exchange_weak(head, head + 1, std::memory_order_acq_rel)) return g;
  }
}

// Copies into the free slots behind this queue's tail, then takes the Gs by moving the victim's head,
// then publishes them by moving the own tail.
G* LocalQueue::steal(LocalQueue& victim, bool next_too, std::uint32_t& taken) {
  const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
  for (std::uint32_t head = victim.head_.load(std::memory_order_acquire);;) {
    const std::uint32_t there = victim.tail_.load(std::memory_order_acquire) - head;
    const std::uint32_t half = there - there / 2;
    if (half == 0) break;
    if (half > slots() / 2) {  // head and tail do not belong together
      head = victim.head_.load(std::memory_order_acquire);
      continue;
    }
    for (std::uint32_t i = 0; i < half; ++i)
      slot(tail + i).store(victim.slot(head + i).load(std::memory_order_relaxed),
                           std::memory_order_relaxed);
    if (!victim.head_.compare_exchange_strong(head, head + half, std::memory_order_acq_rel))
      continue;
    tail_.store(tail + half - 1, std::memory_order_seq_cst);
    taken += half;
    return slot(tail + half - 1).load(std::memory_order_relaxed);
  }
  if (!next_too || victim.next_.load(std::memory_order_relaxed) == nullptr) return nullptr;
  // Its owner is probably about to run it: taking it now would only make it change Ps to and fro.
  const timespec a_moment{0, 3000};
  ::nanosleep(&a_moment, nullptr);
  G* const g = victim.next_.exchange(nullptr, std::memory_order_seq_cst);
  taken += g != nullptr;
  return g;
}

VThreadList LocalQueue::take_all() {
  VThreadList all;
  if (G* const next = take_next()) all.push_back(*next);
  while (G* const g = take()) all.push_back(*g);
  return all;
}

// The owner may move a G from the slot to the ring between our looks at the two; then the tail has
// moved when we look again.
bool LocalQueue::empty() const {
  for (;;) {
    const std::uint32_t head = head_.load(std::memory_order_seq_cst);
    const std::uint32_t tail = tail_.load(std::memory_order_seq_cst);
    const bool next = next_.load(std::memory_order_seq_cst) != nullptr;
    if (tail == tail_.load(std::memory_order_seq_cst)) return head == tail && !next;
  }
}

}  // namespace vthreads::detail::gmp
