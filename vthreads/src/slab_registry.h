// slab_registry.h — finds the slab of stacks that an address is in, also from a signal handler.
//
// Owns      one entry per slab of this process, in a list that only grows: an entry whose slab has
//           gone is used for the next one and never freed.
// Rule      Readers take no lock. A writer makes the entry's version odd while it changes it; a
//           reader that saw it odd, or changing, passes the entry by: its slab is just coming or
//           going, so nobody runs on it.
// Threads   add and remove: anybody. find: anybody, async-signal-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace vthreads::detail {

struct SlabRange {
  std::uintptr_t base = 0;
  std::size_t bytes = 0;
  std::size_t guard = 0;  // these two as in StackLayout
  std::size_t stride = 0;
};

struct SlabEntry;

/// Errors: std::bad_alloc.
SlabEntry* add_slab_entry(const SlabRange& range);
void remove_slab_entry(SlabEntry* entry) noexcept;

std::optional<SlabRange> find_slab(std::uintptr_t address) noexcept;

}  // namespace vthreads::detail
