#include "stack_pool.h"

#include <sys/mman.h>
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif
#include <unistd.h>

#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

namespace vthreads::detail {
namespace {

constexpr std::size_t kBlockBytes = (sizeof(ControlBlock) + 63) / 64 * 64;
constexpr int kMadvGuardInstall =
    102;  // MADV_GUARD_INSTALL, Linux 6.13 (662df3e5c376); not in older headers

}  // namespace

StackPool::StackPool(SchedulerCore& scheduler, std::size_t stack_bytes)
    : scheduler_(scheduler), stack_bytes_(stack_bytes) {}

StackPool::~StackPool() {
  for (std::size_t i = 0; i < made_; ++i) {
    block_of(slabs_[i / kStacksPerSlab] + i % kStacksPerSlab * stack_bytes_)->~ControlBlock();
  }
  for (std::byte* slab : slabs_) ::munmap(slab, kStacksPerSlab * stack_bytes_);
}

VThreadList StackPool::acquire(std::size_t most) {
  const std::lock_guard lock(mutex_);
  VThreadList acquired;
  while (free_ != nullptr && acquired.size() < most)
    acquired.push_back(*std::exchange(free_, free_->next));
  if (acquired.empty()) {
    for (std::size_t i = 0; i < most; ++i) acquired.push_back(make());
  }
  out_ += acquired.size();
  return acquired;
}

bool StackPool::release(ControlBlock& block) {
  VThreadList one;
  one.push_back(block);
  return release(std::move(one));
}

bool StackPool::release(VThreadList blocks) {
  const std::lock_guard lock(mutex_);
  out_ -= blocks.size();
  while (ControlBlock* const block = blocks.pop_front()) {
    block->next = free_;
    free_ = block;
  }
  return out_ == 0 && retired_;
}

bool StackPool::retire() {
  const std::lock_guard lock(mutex_);
  retired_ = true;
  return out_ == 0;
}

std::size_t StackPool::stacks_made() const {
  const std::lock_guard lock(mutex_);
  return made_;
}

ControlBlock& StackPool::make() {
  if (made_ == slabs_.size() * kStacksPerSlab) add_slab();
  std::byte* const low = slabs_.back() + made_ % kStacksPerSlab * stack_bytes_;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  if (guards_) guards_ = ::madvise(low, page, kMadvGuardInstall) == 0;
  auto* const block = new (low + stack_bytes_ - kBlockBytes)
      ControlBlock(scheduler_, {low + page, stack_bytes_ - page - kBlockBytes});
  ++made_;
  return *block;
}

void StackPool::add_slab() {
  slabs_.reserve(slabs_.size() + 1);
  const std::size_t bytes = kStacksPerSlab * stack_bytes_;
  void* const slab = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (slab == MAP_FAILED) {
    throw std::system_error(errno, std::generic_category(),
                            "vthreads: cannot map memory for stacks");
  }
  ::madvise(slab, bytes,
            MADV_NOHUGEPAGE);  // a huge page would back many stacks when one is touched
#if defined(__SANITIZE_ADDRESS__)
  __asan_unpoison_memory_region(slab, bytes);  // of stacks that were here before and never unwound
#endif
  slabs_.push_back(static_cast<std::byte*>(slab));
}

ControlBlock* StackPool::block_of(std::byte* low) const {
  return std::launder(reinterpret_cast<ControlBlock*>(low + stack_bytes_ - kBlockBytes));
}

}  // namespace vthreads::detail
