// percentile.h — by nearest rank: always one of the values, never something between two of them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace vtlab {

/// `values` must not be empty, and changes its order.
inline std::uint64_t percentile(std::vector<std::uint64_t>& values, double fraction) {
  const auto rank =
      static_cast<std::size_t>(std::ceil(fraction * static_cast<double>(values.size())));
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace vtlab
