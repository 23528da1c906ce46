// stack_layout.h — where in a slab each stack, its guard page and its control block are.
//
//   low                                                                                   high
//   | guard page | stack, grows down …      | continuation | control block | colour, unused |
//
// Rule      The distance between stacks is an odd number of pages, so that equal offsets in all
//           stacks spread over all sets of the TLB and over all of the page table's cache lines.
// Rule      The tops are lowered by 0 … 15 cache lines in turn ("colours"). L1, and the part of the
//           index of L2 that the page offset gives, have 64 sets of 64 bytes; without colours the
//           control blocks of all vthreads would compete for the same few. More colours gained
//           nothing measurable, and push the frames of deeper vthreads out of the one page.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "vthread.h"

namespace vthreads::detail {

struct StackLayout {
  static constexpr std::size_t kColours = 16;
  static constexpr std::size_t kCacheLine = 64;
  static constexpr std::size_t kBlockBytes =
      (sizeof(ControlBlock) + kCacheLine - 1) / kCacheLine * kCacheLine;

  // What must fit into the page with the control block, whatever the colour: the continuation's
  // record and the frames of a vthread that starts and parks at once, which use some 800 bytes.
  static constexpr std::size_t kFirstFrames = 2048;
  static_assert(kBlockBytes + (kColours - 1) * kCacheLine + kFirstFrames <= 4096);

  /// Rounds up: to kMinStackBytes, four pages, and an odd number of pages.
  StackLayout(std::size_t wanted_bytes, std::size_t page_bytes, bool guards)
      : guard(guards ? page_bytes : 0),
        stride((std::max({wanted_bytes, kMinStackBytes, 4 * page_bytes}) + page_bytes - 1) /
                   page_bytes / 2 * 2 * page_bytes +
               page_bytes) {}

  /// The place of the control block of the stack that ends at `high`.
  static std::byte* block(std::byte* high, std::size_t index) {
    return high - kBlockBytes - index % kColours * kCacheLine;
  }

  /// What is between guard and control block of the stack that begins at `low`.
  std::span<std::byte> usable(std::byte* low, std::size_t index) const {
    return {low + guard, block(low + stride, index)};
  }

  std::size_t guard;   // bytes at the low end that nobody may touch
  std::size_t stride;  // from stack to stack
};

}  // namespace vthreads::detail
