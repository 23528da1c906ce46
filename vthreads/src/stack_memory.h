// stack_memory.h — what the kernel is asked to do with the memory of stacks.
//
// Owns      nothing but the knowledge whether this kernel takes many ranges in one call.
// Rule      madvise(2) for many small ranges goes through process_madvise(2) on the process itself,
//           which accepts every advice there since Linux 6.13 (021781b01275) and PIDFD_SELF a little
//           later; a kernel or a seccomp filter that refuses gets one call per range. In one call
//           guards cost about a fifth less, and giving back half (docs/vthreads/stacks.md).
// Threads   All functions may be called by anybody.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <span>

namespace vthreads::detail {

std::size_t page_bytes();

/// Address space that costs nothing until it is touched, without huge pages (one would back many
/// stacks when one is touched). nullptr and errno if the kernel refuses.
std::byte* map_stacks(std::size_t bytes) noexcept;
void unmap_stacks(std::byte* memory, std::size_t bytes) noexcept;

/// Whether MADV_GUARD_INSTALL works here, by using it: 0, or the errno.
int try_guard() noexcept;

/// Makes every access to these pages a SIGSEGV. Not undone by give_back(); harmless if repeated. 0,
/// or the errno: ENOMEM if there is no memory for page tables, or, by mprotect, no mapping left.
int guard_by_madvise(std::span<const iovec> pages) noexcept;
int guard_by_mprotect(std::span<const iovec> pages) noexcept;

/// Frees the memory; the next access finds zeros. Guards within the ranges stay.
void give_back(std::span<const iovec> ranges) noexcept;

}  // namespace vthreads::detail
