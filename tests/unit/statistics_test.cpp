// Order statistics: known values, what an interval must enclose, and what few values cannot say.
#include "statistics/statistics.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "support/catch.h"

namespace vtlab::test {
namespace {

namespace st = statistics;
using st::Order;

bool near(double a, double b, double by = 1e-9) {
  return std::abs(a - b) <= by;
}

// A long tail to the right, as times have; its median is 1.
std::vector<double> skewed(std::mt19937& random, std::size_t n, double scale = 1) {
  std::lognormal_distribution<double> shape(0, 0.8);
  std::vector<double> values(n);
  for (double& value : values) value = scale * shape(random);
  return values;
}

}  // namespace

TEST_CASE("a median is the middle value, or the mean of the two in the middle") {
  CHECK(near(st::median({7}), 7));
  CHECK(near(st::median({9, 1}), 5));
  CHECK(near(st::median({9, 1, 2}), 2));
  CHECK(near(st::median({4, 4, 4, 100}), 4));
}

TEST_CASE("no interval of 95 % can be had from five values, and from six it is all of them") {
  CHECK(st::fewest_values() == 6);
  CHECK(st::fewest_values(0.5) == 2);
  for (std::size_t n = 0; n < 6; ++n)
    CHECK_FALSE(st::median_interval(std::vector<double>(n, 1.0)).has_value());
  const auto six = st::median_interval({6, 5, 4, 3, 2, 1});
  REQUIRE(six);
  CHECK(near(six->low, 1));
  CHECK(near(six->high, 6));
  CHECK(near(six->confidence, 1 - 2.0 / 64));
}

TEST_CASE("the ranks of intervals are those of the binomial tables") {
  std::vector<double> values;
  for (int i = 1; i <= 20; ++i) values.push_back(i);
  const auto twenty = st::median_interval(values);
  REQUIRE(twenty);
  CHECK(near(twenty->low, 6));
  CHECK(near(twenty->high, 15));
  CHECK(near(twenty->confidence, 0.9586, 1e-4));
  values.resize(10);
  const auto ten = st::median_interval(values);
  REQUIRE(ten);
  CHECK(near(ten->low, 2));
  CHECK(near(ten->high, 9));
  CHECK(near(ten->confidence, 0.9785, 1e-4));
}

TEST_CASE("a thousand values still have an interval, and it is narrow") {
  std::mt19937 random(7);
  const auto interval = st::median_interval(skewed(random, 1000));
  REQUIRE(interval);
  CHECK(interval->confidence >= 0.95);
  CHECK(interval->confidence < 0.96);
  CHECK(interval->high - interval->low < 0.3);
}

TEST_CASE("95 % intervals enclose the median of a skewed distribution at least so often") {
  std::mt19937 random(11);
  for (const std::size_t n : {6u, 7u, 10u, 31u}) {
    int inside = 0;
    constexpr int kTrials = 2000;
    for (int i = 0; i < kTrials; ++i) {
      const auto interval = st::median_interval(skewed(random, n));
      inside += interval->low <= 1 && 1 <= interval->high;
    }
    INFO(n << " values: " << inside << " of " << kTrials);
    CHECK(inside >= kTrials * 0.94);
  }
}

TEST_CASE("asking for more confidence never makes an interval narrower") {
  std::mt19937 random(13);
  const std::vector<double> values = skewed(random, 40);
  double width = 0;
  for (const double confidence : {0.5, 0.8, 0.9, 0.95, 0.99, 0.999}) {
    const auto interval = st::median_interval(values, confidence);
    REQUIRE(interval);
    CHECK(interval->confidence >= confidence);
    CHECK(interval->high - interval->low >= width);
    width = interval->high - interval->low;
  }
}

TEST_CASE("values that all agree have an interval without width and no outliers") {
  const std::vector<double> same(12, 5.0);
  const auto interval = st::median_interval(same);
  REQUIRE(interval);
  CHECK(near(interval->low, 5));
  CHECK(near(interval->high, 5));
  CHECK(st::outliers(same).empty());
}

TEST_CASE("one value far from all others is an outlier, and neither noise nor four values are") {
  CHECK(st::outliers(std::vector<double>{100, 101, 99, 102, 250, 98}) ==
        std::vector<std::size_t>{4});
  CHECK(st::outliers(std::vector<double>{100, 101, 99, 102, 40, 98}) ==
        std::vector<std::size_t>{4});
  CHECK(st::outliers(std::vector<double>{100, 100, 100, 100, 104}).empty());
  CHECK(st::outliers(std::vector<double>{100, 100, 100, 100, 106}).size() == 1);
  CHECK(st::outliers(std::vector<double>{1, 1, 1, 900}).empty());
}

TEST_CASE("a difference within every round is shown although the rounds differ much more") {
  // Each round is twice as slow as the one before it; a takes 9 % more than b in every one.
  std::vector<double> a, b;
  for (int i = 0; i < 8; ++i) {
    b.push_back(100 * std::pow(2, i));
    a.push_back(b.back() * 1.09);
  }
  const st::Comparison pairs = st::compare_pairs(a, b);
  CHECK(pairs.order == Order::higher);
  REQUIRE(pairs.interval);
  CHECK(near(*pairs.ratio, 1.09));
  CHECK(near(pairs.interval->low, 1.09));
  CHECK(st::compare_pairs(b, a).order == Order::lower);
  CHECK(st::compare_apart(a, b).order == Order::not_shown);
}

TEST_CASE("no difference is shown between the same thing measured twice") {
  std::mt19937 random(17);
  int shown_of_pairs = 0, shown_apart = 0;
  constexpr int kTrials = 1000;
  for (int i = 0; i < kTrials; ++i) {
    const auto a = skewed(random, 10), b = skewed(random, 10);
    shown_of_pairs += st::compare_pairs(a, b).order != Order::not_shown;
    shown_apart += st::compare_apart(a, b).order != Order::not_shown;
  }
  CHECK(shown_of_pairs <= kTrials * 0.05);
  CHECK(shown_apart <= kTrials * 0.05);
}

TEST_CASE("the interval of a ratio encloses the true one") {
  std::mt19937 random(19);
  int of_pairs = 0, apart = 0;
  constexpr int kTrials = 1000;
  for (int i = 0; i < kTrials; ++i) {
    const auto a = skewed(random, 12, 3), b = skewed(random, 12);
    const auto pairs = st::compare_pairs(a, b), others = st::compare_apart(a, b);
    REQUIRE((pairs.interval && others.interval));
    of_pairs += pairs.interval->low <= 3 && 3 <= pairs.interval->high;
    apart += others.interval->low <= 3 && 3 <= others.interval->high;
  }
  CHECK(of_pairs >= kTrials * 0.94);
  CHECK(apart >= kTrials * 0.95);
}

TEST_CASE("one to five rounds show no difference, however large it is") {
  for (std::size_t n = 1; n < 6; ++n) {
    const std::vector<double> a(n, 1.0), b(n, 1000.0);
    CHECK(st::compare_pairs(a, b).order == Order::not_shown);
    CHECK(st::compare_pairs(a, b).ratio.has_value());
    CHECK_FALSE(st::compare_pairs(a, b).interval.has_value());
  }
  CHECK_FALSE(st::compare_pairs({}, {}).ratio.has_value());
}

TEST_CASE("nothing is divided by zero, but a difference from zero is shown") {
  const std::vector<double> zero(8, 0.0), some{1, 2, 1, 2, 1, 2, 1, 2};
  const st::Comparison pairs = st::compare_pairs(zero, some);
  CHECK(pairs.order == Order::lower);
  CHECK_FALSE(pairs.ratio.has_value());
  CHECK_FALSE(st::compare_apart(some, zero).interval.has_value());
}

TEST_CASE("counts differ if all of one are on one side of all of the other") {
  const auto compare = [](std::vector<double> a, std::vector<double> b) {
    return st::compare_counts(a, b);
  };
  CHECK(compare({2}, {1009}).order == Order::lower);
  CHECK(near(*compare({2}, {1009}).ratio, 2.0 / 1009));
  CHECK(compare({5, 7}, {1, 4}).order == Order::higher);
  CHECK(near(compare({5, 7}, {1, 4}).interval->low, 5.0 / 4));
  CHECK(near(compare({5, 7}, {1, 4}).interval->high, 7));
  CHECK(compare({5, 7}, {5, 7}).order == Order::not_shown);
  CHECK_FALSE(compare({0}, {3}).ratio.has_value());
}

TEST_CASE("a slope is that of most pairs of points, and of one point there is none") {
  CHECK(near(*st::slope(std::vector<double>{1, 10, 100}, std::vector<double>{5, 14, 104}), 1));
  CHECK(near(*st::slope(std::vector<double>{1, 2, 3, 4, 5}, std::vector<double>{1, 2, 3, 4, 900}),
             1));
  CHECK_FALSE(st::slope(std::vector<double>{3, 3}, std::vector<double>{1, 9}).has_value());
  CHECK_FALSE(st::slope(std::vector<double>{}, std::vector<double>{}).has_value());
}

}  // namespace vtlab::test
