// stack_pool.h — where vthreads live: stacks with their control blocks on top, used again and again.
//
// Owns      the memory of all stacks and the control blocks in it, until the pool is destroyed.
// Rule      A stack is out (acquired), hot (released: control block and continuation are ready, in
//           free_stacks.h), or cold (neither, in stack_slab.h). The hot one used last goes out
//           first: its top page is still in the cache. Cold ones are made only when no hot one is
//           left, lowest first, a few more at a time the more are out; by StackMaker, if wanted,
//           also before.
// Rule      Slabs hold as many stacks as all before together, from 64 to 4096, or what fits into
//           kMaxSlabBytes; fewer if the kernel refuses so much address space. So 1,000,000 stacks
//           need some 250 mappings of the 65,530 that vm.max_map_count allows by default.
// Rule      The lock is held for lists and bits only, for mapping a slab, and for stacks_to_spare().
//           Guards, page faults and giving back happen outside of it, on stacks that nobody else can see.
// Rule      If memory runs out nothing has changed: what was to be made is cold again.
// Threads   All functions may be called by anybody.
// Rejected  Populating the top pages of many new stacks in one call (MADV_POPULATE_WRITE): it costs
//           as much as the page faults. Layout: stack_layout.h. Numbers: docs/vthreads/stacks.md.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <memory>
#include <mutex>
#include <vector>

#include "free_stacks.h"
#include "stack_layout.h"
#include "stack_maker.h"
#include "stack_options.h"
#include "stack_slab.h"
#include "vthread_list.h"

namespace vthreads::detail {

class StackPool {
 public:
  /// Errors: std::system_error if Guard::madvise is wanted and this kernel does not have it (EINVAL),
  /// or there is not even a page to try it on (ENOMEM).
  StackPool(SchedulerCore& scheduler, const StackOptions& options);

  /// Every control block must have been released.
  ~StackPool();
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;

  /// Control blocks that nobody refers to: at least one, at most `n` (which must not be 0), and
  /// fewer rather than touch memory that may not be needed. Errors: std::system_error (ENOMEM).
  VThreadList acquire(std::size_t n);
  ControlBlock& acquire();

  /// Takes them back; the first of the list will go out first. True if those were the last ones out
  /// and retire() was called.
  bool release(VThreadList blocks);
  bool release(ControlBlock& block);

  /// Nothing will be acquired any more. True if nothing is out.
  bool retire();

  /// By StackMaker: makes some cold stacks hot, unless there are `enough`. False if there are, or no
  /// memory is left.
  bool make_more(std::size_t enough) noexcept;

  /// No stack is made any more but by acquire(). By anybody.
  void stop_preparing();

  /// Gives the memory of up to `at_most` hot stacks back to the kernel, those that were not used for
  /// longest, but leaves `keep` of them hot; of these only what deep calls once touched below the
  /// top two pages is given back. Slabs without a stack in use are unmapped. Returns how many
  /// stacks became cold. Never fails; costs about 1 µs per stack.
  std::size_t trim(std::size_t keep, std::size_t at_most = std::numeric_limits<std::size_t>::max());

  /// Stacks that have a control block: out or hot.
  std::size_t stacks_made() const;
  std::size_t slabs() const;

  /// How many are free and still have their memory.
  std::size_t hot() const;

  /// Whether those are more than `keep`. If not, SchedulerCore::stacks_to_spare() is called once when
  /// they are, by whoever brings the stack back.
  bool more_hot_than(std::size_t keep);

  /// How many of these have been free all the time since this was last asked.
  std::size_t take_unneeded();

  /// automatic: resolved to what this kernel has.
  Config::Guard guard() const { return guard_; }
  const StackLayout& layout() const { return layout_; }

  /// Calls `function` for each control block that there is, used or not. It must not come back here.
  template <class Function>
  void for_each_made(Function function) const {
    const std::lock_guard lock(mutex_);
    for (const auto& slab : slabs_) {
      for (std::size_t i = 0; i < slab->stacks(); ++i) {
        if (slab->is_made(i)) function(*slab->block(i));
      }
    }
  }

 private:
  static constexpr std::size_t kFewestStacks = 64;
  static constexpr std::size_t kMostStacks = 4096;
  static constexpr std::size_t kMaxSlabBytes = std::size_t{512} << 20;
  static constexpr std::size_t kAtOnce = FreeStacks::kBatch;
  static constexpr std::size_t kCrowd = 1024;  // out: then there is something to prepare for
  static constexpr std::size_t kNobody = std::numeric_limits<std::size_t>::max();

  /// Cold stacks that were claimed to be made: some of one slab, in order.
  struct Claim {
    Slab* slab = nullptr;
    std::size_t count = 0;
    std::array<std::size_t, kAtOnce> index;
  };

  Claim claim(std::size_t n);
  void add_slab();
  VThreadList make_claimed(const Claim& claim);
  VThreadList make(const Claim& claim);
  void install_guards(const Claim& claim);
  void undo(const Claim& claim);

  void make_cold(VThreadList blocks);
  void give_back_deep_pages();
  std::unique_ptr<Slab> take_unused_slab();
  Slab& slab_of(const void* address);

  SchedulerCore& scheduler_;
  const Config::Guard guard_;
  const StackLayout layout_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Slab>> slabs_;  // by address
  std::size_t stacks_ = 0;                    // in all slabs
  std::size_t cold_ = 0;
  std::size_t out_ = 0;
  bool retired_ = false;
  FreeStacks hot_;
  std::size_t fewest_hot_ = 0;        // since take_unneeded()
  std::size_t tell_above_ = kNobody;  // who asked more_hot_than() wants to know of more hot ones
  const std::unique_ptr<StackMaker> maker_;  // nullptr: none is wanted
};

}  // namespace vthreads::detail
