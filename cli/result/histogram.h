// histogram.h — a log-linear histogram: percentiles of any number of values in constant memory.
//
// Rule      32 buckets per power of two: a percentile is at most 1/32 (3.1 %) above a value that was
//           recorded; below 64 it is exact, and so are count and max.
// Threads   Not shared.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace vtlab::result {

class Histogram {
 public:
  void record(std::uint64_t value) {
    ++buckets_[index_of(value)];
    ++count_;
    max_ = std::max(max_, value);
  }

  void add(const Histogram& other) {
    for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
  }

  std::uint64_t count() const { return count_; }
  std::uint64_t max() const { return max_; }

  /// The bounds and counts of all buckets that have values, in ascending order.
  template <class F>
  void each_bucket(F f) const {
    for (std::size_t i = 0; i < buckets_.size(); ++i)
      if (buckets_[i] != 0) f(highest_of(i), buckets_[i]);
  }

  /// Nearest rank: the smallest bucket bound that at least this fraction of the values does not
  /// exceed. 0 if nothing was recorded.
  std::uint64_t percentile(double fraction) const {
    const auto rank = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(count_))));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen >= rank) return std::min(highest_of(i), max_);
    }
    return max_;
  }

 private:
  static constexpr unsigned kBits = 5;  // 2^5 buckets per power of two
  static constexpr std::size_t kBuckets = (64 - kBits + 1) << kBits;

  // Values below 2^(kBits + 1) have a bucket each; above, the leading kBits + 1 bits choose it.
  static std::size_t index_of(std::uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    if (width <= kBits + 1) return static_cast<std::size_t>(value);
    const unsigned shift = width - kBits - 1;
    return static_cast<std::size_t>((std::uint64_t{shift} << kBits) + (value >> shift));
  }

  static std::uint64_t highest_of(std::size_t index) {
    if (index < (std::size_t{2} << kBits)) return index;
    const std::size_t shift = (index >> kBits) - 1;
    const std::uint64_t leading = (index & ((1u << kBits) - 1)) | (1u << kBits);
    return ((leading + 1) << shift) - 1;
  }

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0, max_ = 0;
};

}  // namespace vtlab::result
