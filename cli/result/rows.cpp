#include "result/rows.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

namespace vtlab::result {
namespace {

constexpr std::size_t kStep = 8 * RowMemory::kPiece;  // of a file

std::uintptr_t page() {
  static const auto size = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  return size;
}

// file-hierarchy(7): /var/tmp is for what may be large; /tmp is memory on many machines.
int open_unnamed() {
  const char* wanted = std::getenv("TMPDIR");
  const std::string folder = wanted && *wanted ? wanted : "/var/tmp";
  const int fd = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return fd;
  std::string name = folder + "/vtlab-rows-XXXXXX";  // a file system without O_TMPFILE
  const int named = mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) unlink(name.c_str());
  return named;
}

}  // namespace

RowMemory::~RowMemory() {
  if (mapped_)
    munmap(data_, size_);
  else
    std::free(data_);
  if (fd_ >= 0) close(fd_);
}

void RowMemory::swap(RowMemory& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(fd_, other.fd_);
  std::swap(mapped_, other.mapped_);
}

void RowMemory::grow() {
  if (size_ < kPiece) return grow_memory(std::max<std::size_t>(4096, 2 * size_));
  if (!(mapped_ && fd_ < 0) && grow_file(size_ + kStep)) return;
  grow_memory(2 * size_);
}

// The room is taken at once: to write to a mapped page for which the disk has none would be the end of the process.
bool RowMemory::grow_file(std::size_t bytes) {
  const int fd = fd_ >= 0 ? fd_ : open_unnamed();
  if (fd < 0) return false;
  void* memory = MAP_FAILED;
  if (posix_fallocate(fd, 0, static_cast<off_t>(bytes)) == 0)
    memory = fd_ >= 0 ? mremap(data_, size_, bytes, MREMAP_MAYMOVE)
                      : mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) {
    if (fd_ < 0) close(fd);
    return false;
  }
  if (fd_ < 0) {
    std::memcpy(memory, data_, size_);
    std::free(data_);
  }
  data_ = static_cast<std::byte*>(memory);
  size_ = bytes;
  fd_ = fd;
  mapped_ = true;
  return true;
}

void RowMemory::grow_memory(std::size_t bytes) {
  if (!mapped_ && bytes <= kPiece) {
    void* memory = std::realloc(data_, bytes);
    if (!memory) throw std::bad_alloc();
    data_ = static_cast<std::byte*>(memory);
    size_ = bytes;
    return;
  }
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  std::memcpy(memory, data_, size_);
  RowMemory before = std::move(*this);
  data_ = static_cast<std::byte*>(memory);
  size_ = bytes;
  mapped_ = true;
}

// Of a shared mapping nothing is lost: the pages stay the file's.
void RowMemory::drop(std::uintptr_t from, std::uintptr_t to) const {
  const auto mine = reinterpret_cast<std::uintptr_t>(data_);
  const std::uintptr_t first = std::max(from, mine) & ~(page() - 1);
  const std::uintptr_t last = std::min(to, mine + size_) & ~(page() - 1);
  if (first < last) madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
}

}  // namespace vtlab::result
