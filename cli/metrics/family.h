// family.h — metrics as a page of an endpoint shows them, as plain values. Names and meanings are Prometheus' own:
// docs/metrics.md.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace vtlab::metrics {

enum class Type { counter, gauge, histogram };

using Labels = std::vector<std::pair<std::string, std::string>>;

struct Bucket {
  double most = 0;          ///< `le`
  std::uint64_t count = 0;  ///< of all that are not larger
};

struct Sample {
  Labels labels;
  double value = 0;             ///< of a histogram: the sum of what was observed
  std::vector<Bucket> buckets;  ///< of a histogram, smallest first, without the last, infinite one
  std::uint64_t count = 0;      ///< of a histogram
};

struct Family {
  std::string name;
  std::string help;  ///< one line
  Type type = Type::gauge;
  std::vector<Sample> samples;  ///< what was not observed has none, rather than 0
};

}  // namespace vtlab::metrics
