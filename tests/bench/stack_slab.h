// stack_slab.h — stacks for raw Boost.Context and Boost.Fiber: as good as we can make them.
//
// Owns      one reservation of address space; pages cost memory once they are touched. Given back at exit.
// Rule      64 KiB each, as vthreads' default; the stack used last is used again first, without a system call.
//           No guard pages: with mprotect every stack would be two mappings, of which 65,530 are allowed.
// Threads   allocate() and deallocate() may be called by anybody if `Shared`.
// Rejected  boost::context::pooled_fixedsize_stack: it writes a link into the lowest page of every stack,
//           which doubles the memory, asks malloc for powers of two that the kernel refuses near 10^6
//           stacks, and is not safe with two carriers.
#pragma once

#include <sys/mman.h>

#include <atomic>
#include <boost/context/stack_context.hpp>
#include <cstddef>
#include <new>

namespace vtlab::bench {

template <bool Shared>
class StackSlab {
 public:
  static constexpr std::size_t kStackBytes = std::size_t{64} << 10;
  static constexpr std::size_t kStacks = std::size_t{1} << 21;

  static StackSlab& instance() {
    static StackSlab slab;
    return slab;
  }

  boost::context::stack_context allocate() {
    lock();
    std::byte* top = free_;
    if (top != nullptr) {
      free_ = *link(top);
    } else if (used_ < kStacks) {
      top = base_ + ++used_ * kStackBytes;
    }
    unlock();
    if (top == nullptr) throw std::bad_alloc();
    boost::context::stack_context stack;
    stack.sp = top;
    stack.size = kStackBytes;
    return stack;
  }

  void deallocate(boost::context::stack_context& stack) noexcept {
    std::byte* const top = static_cast<std::byte*>(stack.sp);
    lock();
    *link(top) = free_;
    free_ = top;
    unlock();
  }

 private:
  StackSlab() {
    void* const place = mmap(nullptr, kStacks * kStackBytes, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED) throw std::bad_alloc();
    base_ = static_cast<std::byte*>(place);
  }

  // In the highest word, whose page the last user has touched.
  static std::byte** link(std::byte* top) { return reinterpret_cast<std::byte**>(top) - 1; }

  void lock() {
    if constexpr (Shared) {
      while (held_.test_and_set(std::memory_order_acquire)) __builtin_ia32_pause();
    }
  }
  void unlock() {
    if constexpr (Shared) held_.clear(std::memory_order_release);
  }

  std::byte* base_ = nullptr;
  std::size_t used_ = 0;
  std::byte* free_ = nullptr;
  std::atomic_flag held_ = ATOMIC_FLAG_INIT;
};

/// What Boost wants to be given: a copyable handle.
template <bool Shared>
struct SlabStacks {
  using traits_type = void;
  boost::context::stack_context allocate() { return StackSlab<Shared>::instance().allocate(); }
  void deallocate(boost::context::stack_context& stack) noexcept {
    StackSlab<Shared>::instance().deallocate(stack);
  }
};

}  // namespace vtlab::bench
