#include "statistics/statistics.h"

#include <algorithm>
#include <cmath>

namespace vtlab::statistics {
namespace {

// P(at most k of n fair coins show heads).
double at_most(std::size_t k, std::size_t n) {
  const auto total = static_cast<double>(n);
  double sum = 0;
  for (std::size_t i = 0; i <= k; ++i) {
    const auto heads = static_cast<double>(i);
    sum += std::exp(std::lgamma(total + 1) - std::lgamma(heads + 1) -
                    std::lgamma(total - heads + 1) - total * std::log(2.0));
  }
  return sum;
}

std::vector<double> sorted(std::span<const double> values) {
  std::vector<double> copy(values.begin(), values.end());
  std::sort(copy.begin(), copy.end());
  return copy;
}

bool all_above_zero(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return v > 0; });
}

Order order_of(const Interval& difference) {
  return difference.high < 0 ? Order::lower : difference.low > 0 ? Order::higher : Order::not_shown;
}

}  // namespace

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::optional<Interval> median_interval(std::vector<double> values, double confidence) {
  const std::size_t n = values.size();
  // The k-th value from both ends: the median is outside only if fewer than k values are on one side of it.
  std::optional<std::size_t> k;
  double reached = 0;
  for (std::size_t next = 0; 2 * next + 1 < n; ++next) {
    const double inside = 1 - 2 * at_most(next, n);
    if (inside < confidence) break;
    k = next;
    reached = inside;
  }
  if (!k) return std::nullopt;
  std::sort(values.begin(), values.end());
  return Interval{values[*k], values[n - 1 - *k], reached};
}

std::size_t fewest_values(double confidence) {
  std::size_t n = 2;
  while (1 - 2 * at_most(0, n) < confidence) ++n;
  return n;
}

std::vector<std::size_t> outliers(std::span<const double> values) {
  constexpr std::size_t kFewest = 5;
  constexpr double kSigmas = 3.5, kSigmaOfDistance = 1.4826, kLeastShare = 0.05;
  std::vector<std::size_t> found;
  if (values.size() < kFewest) return found;
  const double middle = median({values.begin(), values.end()});
  std::vector<double> distances;
  for (const double value : values) distances.push_back(std::abs(value - middle));
  const double limit =
      std::max(kSigmas * kSigmaOfDistance * median(distances), kLeastShare * std::abs(middle));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (distances[i] > limit) found.push_back(i);
  }
  return found;
}

Comparison compare_pairs(std::span<const double> a, std::span<const double> b, double confidence) {
  Comparison result;
  const std::size_t n = std::min(a.size(), b.size());
  std::vector<double> differences, ratios;
  for (std::size_t i = 0; i < n; ++i) differences.push_back(a[i] - b[i]);
  if (const auto interval = median_interval(differences, confidence))
    result.order = order_of(*interval);
  if (n == 0 || !all_above_zero(a.first(n)) || !all_above_zero(b.first(n))) return result;
  for (std::size_t i = 0; i < n; ++i) ratios.push_back(a[i] / b[i]);
  result.ratio = median(ratios);
  result.interval = median_interval(ratios, confidence);
  return result;
}

Comparison compare_apart(std::span<const double> a, std::span<const double> b, double confidence) {
  Comparison result;
  const double of_each = 1 - (1 - confidence) / 2;  // both must hold
  const auto of_a = median_interval({a.begin(), a.end()}, of_each);
  const auto of_b = median_interval({b.begin(), b.end()}, of_each);
  if (of_a && of_b) {
    if (of_a->high < of_b->low) result.order = Order::lower;
    if (of_a->low > of_b->high) result.order = Order::higher;
  }
  if (a.empty() || b.empty() || !all_above_zero(a) || !all_above_zero(b)) return result;
  result.ratio = median({a.begin(), a.end()}) / median({b.begin(), b.end()});
  if (of_a && of_b)
    result.interval = Interval{of_a->low / of_b->high, of_a->high / of_b->low,
                               of_a->confidence + of_b->confidence - 1};
  return result;
}

Comparison compare_counts(std::span<const double> a, std::span<const double> b) {
  Comparison result;
  if (a.empty() || b.empty()) return result;
  const std::vector<double> of_a = sorted(a), of_b = sorted(b);
  if (of_a.back() < of_b.front()) result.order = Order::lower;
  if (of_a.front() > of_b.back()) result.order = Order::higher;
  if (of_a.front() <= 0 || of_b.front() <= 0) return result;
  result.ratio = median(of_a) / median(of_b);
  result.interval = Interval{of_a.front() / of_b.back(), of_a.back() / of_b.front(), 1};
  return result;
}

std::optional<double> slope(std::span<const double> x, std::span<const double> y) {
  std::vector<double> slopes;
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t j = i + 1; j < x.size(); ++j)
      if (x[i] < x[j] || x[j] < x[i]) slopes.push_back((y[j] - y[i]) / (x[j] - x[i]));
  if (slopes.empty()) return std::nullopt;
  return median(std::move(slopes));
}

}  // namespace vtlab::statistics
