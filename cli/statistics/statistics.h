// statistics.h — what can be said from a few values without knowing how they are distributed.
//
// Rule      Order statistics only (docs/decisions/0039): no mean, no standard deviation, no assumption of a
//           shape. Times of programs have a long tail, and one slow run must not move the answer.
// Threads   Free functions without state: callable from any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace vtlab::statistics {

/// How often an interval shall enclose what it is about, if everything were done again and again.
inline constexpr double kConfidence = 0.95;

struct Interval {
  double low = 0, high = 0;
  double confidence = 0;  ///< what it reaches: at least what was asked for
};

/// Of at least one value; the mean of the two in the middle if their number is even.
double median(std::vector<double> values);

/// The narrowest pair of values, equally far from both ends, that encloses the median of all possible values
/// with at least `confidence`. Nothing if there are fewer than fewest_values(confidence).
std::optional<Interval> median_interval(std::vector<double> values,
                                        double confidence = kConfidence);

/// 6 for 95 %: of 5 values, all may lie on the same side of the median in 1 of 16 cases.
std::size_t fewest_values(double confidence = kConfidence);

/// Places of the values that stand apart: more than 3.5 robust standard deviations (1.4826 × the median
/// distance from the median) and 5 % away from the median. None among fewer than 5.
std::vector<std::size_t> outliers(std::span<const double> values);

enum class Order { lower, higher, not_shown };

/// How the values of one compare with those of another.
struct Comparison {
  Order order =
      Order::not_shown;  ///< of the first; not_shown: chance alone could make this difference
  std::optional<double> ratio;  ///< first to second; absent unless all values are above 0
  std::optional<Interval>
      interval;  ///< of the ratio; absent as the ratio is, and with too few values
};

/// a[i] and b[i] were measured right after each other: what slowed both is cancelled. Of one size.
Comparison compare_pairs(std::span<const double> a, std::span<const double> b,
                         double confidence = kConfidence);

/// Values that have nothing to do with each other: wider, as the medians are bounded one by one.
Comparison compare_apart(std::span<const double> a, std::span<const double> b,
                         double confidence = kConfidence);

/// Every value was counted: lower or higher if all of one are on one side of all of the other.
Comparison compare_counts(std::span<const double> a, std::span<const double> b);

/// The median of the slopes between any two points whose x differ (Theil, Sen); nothing without such.
std::optional<double> slope(std::span<const double> x, std::span<const double> y);

}  // namespace vtlab::statistics
