// random.h — numbers that are the same for the same seed, on every machine.
#pragma once

#include <cstdint>

namespace vtlab::test {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 2 + 1) {}
  std::uint64_t below(std::uint64_t bound) {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return (state_ * 0x2545f4914f6cdd1dU >> 33) % bound;
  }

 private:
  std::uint64_t state_;
};

}  // namespace vtlab::test
