// skynet.h — how a unit of the skynet tree divides its work: the same in every C++ program.
//
// A node of `size` leaves starts ten nodes of size / 10 and adds up what they found; a leaf is its own number.
#pragma once

#include <cstdint>
#include <stdexcept>

namespace vtlab::bench {

inline constexpr unsigned kSkynetChildren = 10;

struct SkynetNode {
  std::uint64_t first;  ///< number of its first leaf
  std::uint64_t size;   ///< leaves below it
  SkynetNode child(unsigned index) const {
    return {first + index * (size / kSkynetChildren), size / kSkynetChildren};
  }
};

inline void check_skynet(std::uint64_t leaves, std::uint64_t sum) {
  if (sum != leaves * (leaves - 1) / 2) throw std::runtime_error("skynet: the sum is wrong");
}

}  // namespace vtlab::bench
