// clone_subsets.h — the flags of clone(2) that decide what a new task shares, and which of their subsets are
// legal.
#pragma once

#include <linux/sched.h>

#include <array>
#include <cstdint>

namespace vtlab {

inline constexpr std::array<std::uint64_t, 6> kSharingFlags = {
    CLONE_VM, CLONE_FS, CLONE_FILES, CLONE_SIGHAND, CLONE_THREAD, CLONE_SYSVSEM};
inline constexpr std::uint32_t kSubsets = 1u << kSharingFlags.size();
inline constexpr std::uint64_t kAllSharingFlags =
    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;

/// Subset number `index % kSubsets`.
constexpr std::uint64_t sharing_subset(std::uint32_t index) {
  std::uint64_t flags = 0;
  for (std::size_t bit = 0; bit < kSharingFlags.size(); ++bit)
    if (index >> bit & 1) flags |= kSharingFlags[bit];
  return flags;
}

/// clone(2): threads share handlers, and who shares handlers shares the memory that they are in. All else is
/// EINVAL.
constexpr bool is_legal(std::uint64_t flags) {
  if ((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND)) return false;
  return !(flags & CLONE_SIGHAND) || (flags & CLONE_VM);
}

}  // namespace vtlab
