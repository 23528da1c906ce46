// slabs.h — an array that grows without moving what is in it, so growing it costs the same however
// long it is.
//
// Owns      its elements, in slabs of kPerSlab. They are not initialised: untouched slabs cost
//           address space, not memory.
// Threads   None: the lock of who holds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

namespace vthreads::detail {

template <class T, std::uint32_t kPerSlab>
class Slabs {
  static_assert(std::is_trivially_default_constructible_v<T>);

 public:
  T& operator[](std::uint32_t index) { return slabs_[index / kPerSlab][index % kPerSlab]; }
  std::size_t size() const { return slabs_.size() * kPerSlab; }

  /// Makes room for `wanted` elements. On std::bad_alloc everything is as it was, except that some
  /// of the room may be there.
  void reserve(std::size_t wanted) {
    while (size() < wanted) slabs_.push_back(std::make_unique_for_overwrite<T[]>(kPerSlab));
  }

 private:
  std::vector<std::unique_ptr<T[]>> slabs_;
};

}  // namespace vthreads::detail
