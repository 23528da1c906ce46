// shared.h — an array that the units of every mode see, forked processes too.
//
// Owns      its pages. To be made before the units that use it.
#pragma once

#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <new>
#include <system_error>
#include <type_traits>

namespace vtlab {

template <typename T>
class Shared {
  static_assert(std::is_trivially_destructible_v<T>,
                "several processes cannot agree on who destroys");

 public:
  /// Each element as T{} makes it. Errors: std::system_error.
  explicit Shared(std::size_t count = 1)
      : bytes_(count * sizeof(T)),
        memory_(mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
    for (std::size_t i = 0; i < count; ++i) new (&(*this)[i]) T{};
  }
  ~Shared() { munmap(memory_, bytes_); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  T& operator[](std::size_t i) const { return static_cast<T*>(memory_)[i]; }
  T& operator*() const { return (*this)[0]; }
  T* operator->() const { return &(*this)[0]; }

 private:
  std::size_t bytes_;
  void* memory_;
};

}  // namespace vtlab
