// free_stacks.h — stacks that wait for their next vthread, the one used last first, in batches.
//
// Owns      nothing: the memory is the pool's.
// Rule      Batches are made of up to kBatch stacks, and move as a whole if they can, so that taking
//           or returning one touches two control blocks and not all of them under the pool's lock.
// Rule      No two neighbours among the batches, but for the top two, would fit into one. So there
//           are at most 2 / kBatch batches per stack, and room for them can be reserved before.
// Threads   None: under the pool's lock.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "vthread_list.h"

namespace vthreads::detail {

class FreeStacks {
 public:
  static constexpr std::size_t kBatch = 64;

  std::size_t size() const { return size_; }

  /// Room for so many stacks in all; what follows then never allocates. Errors: std::bad_alloc.
  void reserve(std::size_t stacks) {
    const std::size_t slots = 2 * stacks / kBatch + 4;
    if (slots <= ring_.size()) return;
    std::vector<std::optional<VThreadList>> ring(2 * slots);
    for (std::size_t i = 0; i < batches_; ++i) ring[i].emplace(std::move(*at(i)));
    ring_ = std::move(ring);
    bottom_ = 0;
  }

  /// On top; the first of the list becomes the first to be taken.
  void push(VThreadList stacks) {
    size_ += stacks.size();
    if (batches_ >= 2 && at(batches_ - 2)->size() + top().size() <= kBatch) {
      VThreadList upper = pop();
      upper.append(pop());
      push_batch(std::move(upper));
    }
    if (batches_ >= 1 && top().size() + stacks.size() <= kBatch) stacks.append(pop());
    push_batch(std::move(stacks));
  }

  /// Up to `n` from the top; fewer than there are if that saves cutting a batch. None if there are
  /// none.
  VThreadList take(std::size_t n) {
    VThreadList taken;
    while (batches_ > 0 && taken.size() + top().size() <= n) taken.append(pop());
    if (batches_ > 0 && taken.empty()) move_front(top(), taken, n);
    size_ -= taken.size();
    return taken;
  }

  /// From the bottom, that is those not used for longest: at most one batch, at most `most`, and
  /// none of the top `keep`.
  VThreadList take_coldest(std::size_t keep, std::size_t most) {
    VThreadList taken;
    if (size_ <= keep) return taken;
    VThreadList batch = std::move(*at(0));
    const std::size_t n = std::min({batch.size(), most, size_ - keep});
    if (n < batch.size()) {
      VThreadList stays;
      move_front(batch, stays, batch.size() - n);
      at(0).emplace(std::move(stays));
    } else {
      at(0).reset();
      bottom_ = (bottom_ + 1) % ring_.size();
      --batches_;
    }
    taken.append(std::move(batch));
    size_ -= n;
    return taken;
  }

 private:
  std::optional<VThreadList>& at(std::size_t i) { return ring_[(bottom_ + i) % ring_.size()]; }
  VThreadList& top() { return *at(batches_ - 1); }

  VThreadList pop() {
    std::optional<VThreadList>& slot = at(--batches_);
    VThreadList batch = std::move(*slot);
    slot.reset();
    return batch;
  }

  void push_batch(VThreadList batch) { at(batches_++).emplace(std::move(batch)); }

  static void move_front(VThreadList& from, VThreadList& to, std::size_t n) {
    for (; n > 0; --n) to.push_back(*from.pop_front());
  }

  std::vector<std::optional<VThreadList>> ring_;  // batches_ of them from bottom_ on
  std::size_t bottom_ = 0;
  std::size_t batches_ = 0;
  std::size_t size_ = 0;
};

}  // namespace vthreads::detail
