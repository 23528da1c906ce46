#include "stack_pool.h"

#include <algorithm>
#include <cerrno>
#include <functional>
#include <new>
#include <system_error>
#include <utility>

#include "overflow_report.h"
#include "scheduler.h"
#include "stack_memory.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace vthreads::detail {
namespace {

[[noreturn]] void refuse(int error, const char* what) {
  throw std::system_error(error, std::generic_category(), what);
}

Config::Guard choose(Config::Guard wanted) {
  if (wanted != Config::Guard::automatic && wanted != Config::Guard::madvise) return wanted;
  const int error = try_guard();
  if (error == 0) return Config::Guard::madvise;
  if (error == ENOMEM) refuse(error, "vthreads: no memory for stacks");
  if (wanted == Config::Guard::madvise) {
    refuse(error,
           "vthreads: Guard::madvise needs MADV_GUARD_INSTALL (Linux 6.13), which this kernel "
           "refuses; Guard::mprotect works on all, Guard::automatic takes what there is");
  }
  return Config::Guard::none;
}

// The frames that a continuation leaves behind when it is destroyed are still marked in the shadow
// memory; the next one on that stack must not trip over them.
void forget_frames([[maybe_unused]] std::byte* low, [[maybe_unused]] std::size_t bytes) {
#if defined(__SANITIZE_ADDRESS__)
  __asan_unpoison_memory_region(low, bytes);
#endif
}

const std::byte* end_of(const iovec& range) {
  return static_cast<const std::byte*>(range.iov_base) + range.iov_len;
}

VThreadList list_of(ControlBlock& block) {
  VThreadList one;
  one.push_back(block);
  return one;
}

}  // namespace

StackPool::StackPool(SchedulerCore& scheduler, const StackOptions& options)
    : scheduler_(scheduler),
      guard_(choose(options.guard)),
      layout_(options.bytes, page_bytes(), guard_ != Config::Guard::none),
      maker_(options.prepare ? std::make_unique<StackMaker>(*this) : nullptr) {
  if (options.report_overflow && guard_ != Config::Guard::none) report_overflows();
}

StackPool::~StackPool() {
  stop_preparing();
  for (const auto& slab : slabs_) {
    for (std::size_t i = 0; i < slab->stacks(); ++i) {
      if (!slab->is_made(i)) continue;
      slab->block(i)->~ControlBlock();
      forget_frames(slab->low(i), layout_.stride);
    }
  }
}

// --- out and back --------------------------------------------------------------------------------

VThreadList StackPool::acquire(std::size_t n) {
  std::unique_lock lock(mutex_);
  VThreadList hot = hot_.take(n);
  fewest_hot_ = std::min(fewest_hot_, hot_.size());
  out_ += hot.size();
  const bool few = out_ >= kCrowd && hot_.size() < StackMaker::kEnough / 2;
  Claim claimed;
  if (hot.empty()) claimed = claim(n);
  lock.unlock();
  if (few && maker_ != nullptr) maker_->ask();
  return hot.empty() ? make_claimed(claimed) : std::move(hot);
}

ControlBlock& StackPool::acquire() {
  return *acquire(1).pop_front();
}

bool StackPool::release(VThreadList blocks) {
  const std::lock_guard lock(mutex_);
  if (!blocks.empty()) {
    out_ -= blocks.size();
    hot_.push(std::move(blocks));
  }
  if (hot_.size() > tell_above_) {
    tell_above_ = kNobody;
    scheduler_.stacks_to_spare();  // still locked: the next to release may delete the scheduler
  }
  return out_ == 0 && retired_;
}

bool StackPool::release(ControlBlock& block) {
  return release(list_of(block));
}

bool StackPool::retire() {
  const std::lock_guard lock(mutex_);
  retired_ = true;
  return out_ == 0;
}

void StackPool::stop_preparing() {
  if (maker_ != nullptr) maker_->stop();
}

std::size_t StackPool::stacks_made() const {
  const std::lock_guard lock(mutex_);
  return stacks_ - cold_;
}

std::size_t StackPool::take_unneeded() {
  const std::lock_guard lock(mutex_);
  return std::exchange(fewest_hot_, hot_.size());
}

std::size_t StackPool::hot() const {
  const std::lock_guard lock(mutex_);
  return hot_.size();
}

bool StackPool::more_hot_than(std::size_t keep) {
  const std::lock_guard lock(mutex_);
  const bool more = hot_.size() > keep;
  tell_above_ = more ? kNobody : keep;
  return more;
}

std::size_t StackPool::slabs() const {
  const std::lock_guard lock(mutex_);
  return slabs_.size();
}

// --- making --------------------------------------------------------------------------------------

StackPool::Claim StackPool::claim(std::size_t n) {
  if (cold_ == 0) add_slab();
  const auto slab = std::find_if(slabs_.begin(), slabs_.end(),
                                 [](const auto& candidate) { return candidate->cold() != 0; });
  Claim claimed;
  claimed.slab = slab->get();
  claimed.count = std::min({n, kAtOnce, 1 + out_ / 4, claimed.slab->cold()});
  std::size_t from = 0;
  for (std::size_t i = 0; i < claimed.count; ++i) {
    claimed.index[i] = claimed.slab->claim(from);
    from = claimed.index[i];
  }
  cold_ -= claimed.count;
  out_ += claimed.count;
  return claimed;
}

void StackPool::add_slab() {
  const std::size_t most = std::clamp(kMaxSlabBytes / layout_.stride, std::size_t{1}, kMostStacks);
  for (std::size_t stacks = std::min(std::max(stacks_, kFewestStacks), most);; stacks /= 2) {
    if (stacks == 0) refuse(ENOMEM, "vthreads: no memory for more stacks");
    try {
      hot_.reserve(stacks_ + stacks);
      slabs_.reserve(slabs_.size() + 1);
      auto slab = std::make_unique<Slab>(layout_, stacks);
      const auto place = std::lower_bound(
          slabs_.begin(), slabs_.end(), slab,
          [](const auto& a, const auto& b) { return std::less<>()(a->base(), b->base()); });
      slabs_.insert(place, std::move(slab));
      stacks_ += stacks;
      cold_ += stacks;
      return;
    } catch (const std::bad_alloc&) {
      continue;  // with half as many
    }
  }
}

VThreadList StackPool::make_claimed(const Claim& claimed) {
  try {
    install_guards(claimed);
    return make(claimed);
  } catch (...) {
    undo(claimed);
    throw;
  }
}

bool StackPool::make_more(std::size_t enough) noexcept {
  try {
    std::unique_lock lock(mutex_);
    if (hot_.size() >= enough) return false;
    const Claim claimed = claim(kAtOnce);
    lock.unlock();
    release(make_claimed(claimed));
    return true;
  } catch (const std::exception&) {
    return false;  // who needs one will find out the same, and say so
  }
}

void StackPool::install_guards(const Claim& claimed) {
  if (guard_ == Config::Guard::none) return;
  std::array<iovec, kAtOnce> pages;
  std::size_t count = 0;
  std::unique_lock lock(mutex_);
  for (std::size_t i = 0; i < claimed.count; ++i) {
    const std::size_t index = claimed.index[i];
    if (!claimed.slab->is_guarded(index))
      pages[count++] = {claimed.slab->low(index), layout_.guard};
  }
  lock.unlock();
  if (count == 0) return;
  const std::span<const iovec> all(pages.data(), count);
  const int error =
      guard_ == Config::Guard::mprotect ? guard_by_mprotect(all) : guard_by_madvise(all);
  if (error != 0) {
    refuse(error, guard_ == Config::Guard::mprotect
                      ? "vthreads: no guard for a new stack: Guard::mprotect needs two mappings "
                        "for each (vm.max_map_count)"
                      : "vthreads: no guard for a new stack");
  }
  lock.lock();
  for (std::size_t i = 0; i < claimed.count; ++i) claimed.slab->set_guarded(claimed.index[i]);
}

VThreadList StackPool::make(const Claim& claimed) {
  VThreadList made;
  for (std::size_t i = 0; i < claimed.count; ++i) {
    const std::size_t index = claimed.index[i];
    const std::span<std::byte> stack = layout_.usable(claimed.slab->low(index), index);
    made.push_back(*new (claimed.slab->block(index)) ControlBlock(scheduler_, stack));
  }
  return made;
}

void StackPool::undo(const Claim& claimed) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < claimed.count; ++i) claimed.slab->unclaim(claimed.index[i]);
  cold_ += claimed.count;
  out_ -= claimed.count;
}

// --- giving back ---------------------------------------------------------------------------------

std::size_t StackPool::trim(std::size_t keep, std::size_t at_most) {
  std::size_t given = 0;
  while (given < at_most) {
    std::unique_lock lock(mutex_);
    VThreadList blocks = hot_.take_coldest(keep, std::min(kAtOnce, at_most - given));
    lock.unlock();
    if (blocks.empty()) break;
    given += blocks.size();
    make_cold(std::move(blocks));
  }
  while (const std::unique_ptr<Slab> unused = take_unused_slab()) {
  }
  if (given < at_most) give_back_deep_pages();
  return given;
}

void StackPool::make_cold(VThreadList blocks) {
  std::array<ControlBlock*, kAtOnce> which;
  std::array<Slab*, kAtOnce> slabs;
  std::array<iovec, kAtOnce> ranges;
  std::size_t count = 0;
  while (ControlBlock* block = blocks.pop_front()) which[count++] = block;
  std::sort(which.begin(), which.begin() + count, std::less<>());
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < count; ++i) slabs[i] = &slab_of(which[i]);
  }
  std::size_t runs = 0;  // neighbours are one range; guards within survive that
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t index = slabs[i]->index_of(which[i]);
    std::byte* const low = slabs[i]->low(index);
    which[i]->~ControlBlock();
    forget_frames(low, layout_.stride);
    if (runs > 0 && end_of(ranges[runs - 1]) == low) {
      ranges[runs - 1].iov_len += layout_.stride;
    } else {
      ranges[runs++] = {low + layout_.guard, layout_.stride - layout_.guard};
    }
  }
  give_back({ranges.data(), runs});
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < count; ++i) slabs[i]->unclaim(slabs[i]->index_of(which[i]));
  cold_ += count;
}

// The continuation of a hot stack rests within the top two pages: its frames were there before the
// body was called, and colours take at most a quarter of a page. Each batch goes from the bottom to the top,
// so that in the end the order is what it was.
void StackPool::give_back_deep_pages() {
  const std::size_t kept = 2 * page_bytes();
  std::unique_lock lock(mutex_);
  std::size_t left = hot_.size();
  while (left > 0) {
    VThreadList blocks = hot_.take_coldest(0, std::min(kAtOnce, left));
    if (blocks.empty()) return;
    left -= blocks.size();
    std::array<iovec, kAtOnce> ranges;
    std::size_t count = 0;
    VThreadList seen;
    while (ControlBlock* block = blocks.pop_front()) {
      const Slab& slab = slab_of(block);
      ranges[count++] = {slab.low(slab.index_of(block)) + layout_.guard,
                         layout_.stride - layout_.guard - kept};
      seen.push_back(*block);
    }
    lock.unlock();
    give_back({ranges.data(), count});
    lock.lock();
    hot_.push(std::move(seen));
  }
}

std::unique_ptr<Slab> StackPool::take_unused_slab() {
  const std::lock_guard lock(mutex_);
  const auto unused =
      std::find_if(slabs_.begin(), slabs_.end(), [](const auto& slab) { return slab->all_cold(); });
  if (unused == slabs_.end()) return nullptr;
  std::unique_ptr<Slab> taken = std::move(*unused);
  slabs_.erase(unused);
  stacks_ -= taken->stacks();
  cold_ -= taken->stacks();
  return taken;
}

Slab& StackPool::slab_of(const void* address) {
  const auto above = std::upper_bound(
      slabs_.begin(), slabs_.end(), address,
      [](const void* a, const auto& slab) { return std::less<>()(a, slab->base()); });
  return **std::prev(above);
}

}  // namespace vthreads::detail
