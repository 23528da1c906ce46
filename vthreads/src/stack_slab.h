// stack_slab.h — one mapping that holds many stacks, and which of them are in use.
//
// Owns      the mapping, its entry in the registry (slab_registry.h), two bits per stack.
// Rule      A stack is cold (no control block, its memory may never have been touched, or was given
//           back) or made. A slab is unmapped only when all its stacks are cold.
// Rule      What is known about cold stacks is kept here and not in their memory, so that nothing
//           of that memory needs to be resident.
// Threads   The bits: under the pool's lock. The memory of a made stack: whoever has it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "slab_registry.h"
#include "stack_layout.h"

namespace vthreads::detail {

class Slab {
 public:
  /// Errors: std::bad_alloc, also if the kernel has no address space left.
  Slab(const StackLayout& layout, std::size_t stacks);
  ~Slab();
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  std::size_t stacks() const { return stacks_; }
  std::size_t cold() const { return cold_; }
  bool all_cold() const { return cold_ == stacks_; }

  const std::byte* base() const { return base_; }
  std::byte* low(std::size_t index) const { return base_ + index * layout_.stride; }
  std::size_t index_of(const void* address) const {
    return static_cast<std::size_t>(static_cast<const std::byte*>(address) - base_) /
           layout_.stride;
  }
  ControlBlock* block(std::size_t index) const;

  /// Makes the lowest cold stack that is not below `from` a made one, and returns its index. There
  /// must be one.
  std::size_t claim(std::size_t from);
  void unclaim(std::size_t index);

  bool is_made(std::size_t index) const { return test(made_, index); }
  bool is_guarded(std::size_t index) const { return test(guarded_, index); }
  void set_guarded(std::size_t index) { guarded_[index / 64] |= bit(index); }

 private:
  static std::uint64_t bit(std::size_t index) { return std::uint64_t{1} << index % 64; }
  static bool test(const std::vector<std::uint64_t>& bits, std::size_t index) {
    return (bits[index / 64] & bit(index)) != 0;
  }

  const StackLayout layout_;
  const std::size_t stacks_;
  std::size_t cold_;
  std::vector<std::uint64_t> made_, guarded_;
  std::byte* base_ = nullptr;
  SlabEntry* entry_ = nullptr;
};

}  // namespace vthreads::detail
