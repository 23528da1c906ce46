// stack_pool.h — where vthreads live: stacks with their control blocks on top, used again and
// again.
//
//   low                                                                          high
//   | guard page | stack, grows down …                | continuation | control block |
//
// Owns      the memory of all stacks and the control blocks in it, until the pool is destroyed.
// Rule      Stacks are cut from slabs, one mapping for many, so that vm.max_map_count (65,530 by
//           default) limits nothing. The guard page is made by MADV_GUARD_INSTALL (Linux 6.13),
//           which needs no mapping of its own; older kernels get none, because mprotect would split
//           the slab into two mappings per stack. The stack used last is the first to be used
//           again: its top page is still in the cache.
// Threads   All functions may be called by anybody.
#pragma once

#include <cstddef>
#include <mutex>
#include <span>
#include <vector>

#include "vthread_list.h"

namespace vthreads::detail {

class StackPool {
 public:
  /// stack_bytes: whole pages, control block and guard page included.
  StackPool(SchedulerCore& scheduler, std::size_t stack_bytes);

  /// Every control block must have been released.
  ~StackPool();
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;

  /// Control blocks that nobody refers to: one at least, `most` at most. Errors: std::system_error
  /// (ENOMEM).
  VThreadList acquire(std::size_t most);

  /// Takes them back. True if nothing is out any more and retire() was called.
  bool release(ControlBlock& block);
  bool release(VThreadList blocks);

  /// Nothing will be acquired any more. True if nothing is out.
  bool retire();

  std::size_t stacks_made() const;

 private:
  static constexpr std::size_t kStacksPerSlab = 64;

  ControlBlock& make();
  void add_slab();
  ControlBlock* block_of(std::byte* low) const;

  SchedulerCore& scheduler_;
  const std::size_t stack_bytes_;
  mutable std::mutex mutex_;
  std::vector<std::byte*> slabs_;
  std::size_t made_ = 0;  // control blocks constructed, in order of address within each slab
  std::size_t out_ = 0;   // acquired and not released
  bool retired_ = false;
  bool guards_ = true;            // until the kernel has refused one
  ControlBlock* free_ = nullptr;  // linked through ControlBlock::next, the one used last first
};

}  // namespace vthreads::detail
