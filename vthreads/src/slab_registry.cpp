#include "slab_registry.h"

#include <array>
#include <atomic>
#include <mutex>

namespace vthreads::detail {

struct SlabEntry {
  static constexpr std::size_t kFields = 4;

  void set(const SlabRange& range) noexcept {
    const std::array<std::uintptr_t, kFields> values{range.base, range.bytes, range.guard,
                                                     range.stride};
    // Exchanges, so that the stores below cannot move in front of the first.
    version.exchange(version.load(std::memory_order_relaxed) + 1, std::memory_order_acq_rel);
    for (std::size_t i = 0; i < kFields; ++i) fields[i].store(values[i], std::memory_order_release);
    version.fetch_add(1, std::memory_order_release);
  }

  std::optional<SlabRange> get() const noexcept {
    const std::uint32_t before = version.load(std::memory_order_acquire);
    std::array<std::uintptr_t, kFields> values{};
    for (std::size_t i = 0; i < kFields; ++i) values[i] = fields[i].load(std::memory_order_acquire);
    if (before % 2 != 0 || version.load(std::memory_order_relaxed) != before) return std::nullopt;
    return SlabRange{values[0], values[1], values[2], values[3]};
  }

  std::atomic<std::uint32_t> version{0};
  std::array<std::atomic<std::uintptr_t>, kFields> fields{};
  SlabEntry* next = nullptr;  // set before the entry is published
  bool used = true;           // under the writers' lock
};

namespace {

std::mutex writers;
std::atomic<SlabEntry*> first{nullptr};
static_assert(std::atomic<SlabEntry*>::is_always_lock_free);
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free);

}  // namespace

SlabEntry* add_slab_entry(const SlabRange& range) {
  const std::lock_guard lock(writers);
  SlabEntry* entry = first.load(std::memory_order_relaxed);
  while (entry != nullptr && entry->used) entry = entry->next;
  if (entry != nullptr) {
    entry->used = true;
    entry->set(range);
    return entry;
  }
  entry = new SlabEntry;
  entry->set(range);
  entry->next = first.load(std::memory_order_relaxed);
  first.store(entry, std::memory_order_release);
  return entry;
}

void remove_slab_entry(SlabEntry* entry) noexcept {
  const std::lock_guard lock(writers);
  entry->set({});
  entry->used = false;
}

std::optional<SlabRange> find_slab(std::uintptr_t address) noexcept {
  for (const SlabEntry* entry = first.load(std::memory_order_acquire); entry != nullptr;
       entry = entry->next) {
    const std::optional<SlabRange> range = entry->get();
    if (range && address - range->base < range->bytes) return range;
  }
  return std::nullopt;
}

}  // namespace vthreads::detail
