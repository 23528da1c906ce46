#include "stack_slab.h"

#include <new>

#include "stack_memory.h"

namespace vthreads::detail {

Slab::Slab(const StackLayout& layout, std::size_t stacks)
    : layout_(layout),
      stacks_(stacks),
      cold_(stacks),
      made_((stacks + 63) / 64),
      guarded_((stacks + 63) / 64) {
  const std::size_t bytes = stacks * layout.stride;
  base_ = map_stacks(bytes);
  if (base_ == nullptr) throw std::bad_alloc();
  try {
    entry_ = add_slab_entry(
        {reinterpret_cast<std::uintptr_t>(base_), bytes, layout.guard, layout.stride});
  } catch (...) {
    unmap_stacks(base_, bytes);
    throw;
  }
}

Slab::~Slab() {
  remove_slab_entry(entry_);
  unmap_stacks(base_, stacks_ * layout_.stride);
}

ControlBlock* Slab::block(std::size_t index) const {
  std::byte* const high = low(index) + layout_.stride;
  return std::launder(reinterpret_cast<ControlBlock*>(StackLayout::block(high, index)));
}

std::size_t Slab::claim(std::size_t from) {
  std::size_t word = from / 64;
  std::uint64_t free = ~made_[word] & ~std::uint64_t{0} << from % 64;
  while (free == 0) free = ~made_[++word];
  const std::size_t index = word * 64 + static_cast<std::size_t>(std::countr_zero(free));
  made_[word] |= bit(index);
  --cold_;
  return index;
}

void Slab::unclaim(std::size_t index) {
  made_[index / 64] &= ~bit(index);
  ++cold_;
}

}  // namespace vthreads::detail
