// segmented_array.h — an array over every non-negative int that never moves its elements: what
// descriptor numbers are looked up in.
//
// Owns      its elements, in segments that are allocated when one of their numbers is first used and
//           freed by the destructor. Segment k has kFirst << k elements, so 22 pointers reach every int.
//           Memory of elements that were never touched is not resident (mmap gives zero pages when they are touched).
// Rule      All bytes zero must be a valid T: segments are not constructed, and not destroyed.
// Threads   Anybody; what is inside an element is the element's business.
// Rejected  A vector under a lock: every wait of every vthread would meet there.
#pragma once

#include <sys/mman.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

namespace vthreads::detail {

template <class T>
class SegmentedArray {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  SegmentedArray() = default;
  SegmentedArray(const SegmentedArray&) = delete;
  SegmentedArray& operator=(const SegmentedArray&) = delete;
  ~SegmentedArray() {
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      T* const segment = segments_[i].load(std::memory_order_relaxed);
      if (segment != nullptr) ::munmap(segment, bytes_of(i));
    }
  }

  /// nullptr if no element near it was ever made. `index` is not negative.
  T* find(int index) const {
    const Place place = place_of(index);
    T* const segment = segments_[place.segment].load(std::memory_order_acquire);
    return segment == nullptr ? nullptr : segment + place.offset;
  }

  /// Makes it if need be. Errors: std::bad_alloc.
  T& at(int index) {
    const Place place = place_of(index);
    T* segment = segments_[place.segment].load(std::memory_order_acquire);
    if (segment == nullptr) segment = add(place.segment);
    return segment[place.offset];
  }

 private:
  static constexpr std::uint32_t kFirst = 1024;

  struct Place {
    std::size_t segment;
    std::size_t offset;
  };

  static Place place_of(int index) {
    const std::uint32_t shifted = static_cast<std::uint32_t>(index) + kFirst;
    const auto segment = static_cast<std::size_t>(std::bit_width(shifted) - std::bit_width(kFirst));
    return {segment, shifted - (std::size_t{kFirst} << segment)};
  }

  static std::size_t bytes_of(std::size_t segment) {
    return (std::size_t{kFirst} << segment) * sizeof(T);
  }

  T* add(std::size_t number) {
    void* const memory = ::mmap(nullptr, bytes_of(number), PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    auto* const fresh = static_cast<T*>(memory);
    T* seen = nullptr;
    if (segments_[number].compare_exchange_strong(seen, fresh, std::memory_order_acq_rel))
      return fresh;
    ::munmap(memory, bytes_of(number));  // somebody was faster
    return seen;
  }

  std::array<std::atomic<T*>, 22> segments_{};
};

}  // namespace vthreads::detail
