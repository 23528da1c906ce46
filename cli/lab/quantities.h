// quantities.h — what can be compared, and the short names by which people ask for it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "lab/metrics.h"
#include "result/comparison.h"

namespace vtlab::lab {

/// Kernel tasks, wall time and every metric that makes sense in the scenario, in the order in which they are shown.
std::vector<MetricKind> quantity_kinds(const Scenario& scenario);

/// Several quantities under one short name: "memory". The name "all" and the key of any quantity do, too.
struct QuantityGroup {
  std::string_view name;
  std::vector<std::string> keys;  ///< empty: the numbers of the scenario's own
};
std::span<const QuantityGroup> quantity_groups();

/// Is this quantity one of those that the words ask for? An unknown word asks for nothing.
bool is_asked_for(const std::string& key, const Scenario* scenario,
                  std::span<const std::string> words);

/// Compared without statistics: it is what the program did, not how long that took.
bool is_counted(const std::string& key);

}  // namespace vtlab::lab
