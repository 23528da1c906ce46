// mix.h — a number that looks random, made of another: the same on every machine and in every order.
#pragma once

#include <cstdint>

namespace vtlab {

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014), with Stafford's constants.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

}  // namespace vtlab
