#include "stack_memory.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace vthreads::detail {
namespace {

// Not in older headers: Linux 6.13 (662df3e5c376), and uapi/linux/pidfd.h.
constexpr int kMadvGuardInstall = 102;
constexpr int kPidfdSelf = -10000;

std::atomic<bool> takes_many{true};

int advise_one_by_one(std::span<const iovec> ranges, int advice) noexcept {
  for (const iovec& range : ranges) {
    if (::madvise(range.iov_base, range.iov_len, advice) != 0) return errno;
  }
  return 0;
}

// A call that stops half-way is repeated one by one: what is done already may be done again.
int advise(std::span<const iovec> ranges, int advice) noexcept {
  if (ranges.size() < 2 || !takes_many.load(std::memory_order_relaxed))
    return advise_one_by_one(ranges, advice);
  std::size_t wanted = 0;
  for (const iovec& range : ranges) wanted += range.iov_len;
  const long done =
      ::syscall(SYS_process_madvise, kPidfdSelf, ranges.data(), ranges.size(), advice, 0);
  if (done >= 0 && static_cast<std::size_t>(done) == wanted) return 0;
  const int error = advise_one_by_one(ranges, advice);
  if (done < 0 && error == 0) takes_many.store(false, std::memory_order_relaxed);
  return error;
}

}  // namespace

std::size_t page_bytes() {
  return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::byte* map_stacks(std::size_t bytes) noexcept {
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  ::madvise(memory, bytes, MADV_NOHUGEPAGE);
  return static_cast<std::byte*>(memory);
}

void unmap_stacks(std::byte* memory, std::size_t bytes) noexcept {
  ::munmap(memory, bytes);
}

int try_guard() noexcept {
  const std::size_t bytes = page_bytes();
  std::byte* const page = map_stacks(bytes);
  if (page == nullptr) return errno;
  const int error = ::madvise(page, bytes, kMadvGuardInstall) == 0 ? 0 : errno;
  unmap_stacks(page, bytes);
  return error;
}

int guard_by_madvise(std::span<const iovec> pages) noexcept {
  return advise(pages, kMadvGuardInstall);
}

int guard_by_mprotect(std::span<const iovec> pages) noexcept {
  for (const iovec& page : pages) {
    if (::mprotect(page.iov_base, page.iov_len, PROT_NONE) != 0) return errno;
  }
  return 0;
}

void give_back(std::span<const iovec> ranges) noexcept {
  advise(ranges, MADV_DONTNEED);
}

}  // namespace vthreads::detail
