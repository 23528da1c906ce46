// probe_place.h — where in a function a uprobe is cheap. x86-64.
//
// Fact      The kernel emulates few instructions when a uprobe stands on them, of those that functions begin
//           with: push (arch/x86/kernel/uprobes.c, push_setup_xol_ops) and, on newer kernels, the nop of 5
//           bytes. Every other one it runs in a copy, single-stepped, which takes some thirty times as long
//           (docs/runtimes.md).
// Rule      Only beginnings that are known here are walked through. Behind them every call passes exactly
//           once: a Go function that had to grow its stack begins again from the start.
// Threads   Plain values and pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace vtlab::symbols {

struct ProbePlace {
  std::uint64_t offset = 0;  ///< from the start of the function
  bool cheap = false;        ///< else it is the start, and single-stepped

  bool operator==(const ProbePlace&) const = default;
};

/// How many bytes of a function are looked at, at most.
inline constexpr std::size_t kLongestBeginning = 40;

/// `code`: the function from its start on, as much as there is up to kLongestBeginning.
ProbePlace probe_place(std::span<const std::byte> code);

}  // namespace vtlab::symbols
