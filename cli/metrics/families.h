// families.h — what was seen of a program so far → the metrics that a scrape gets. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "metrics/family.h"
#include "result/observed.h"

namespace vtlab::metrics {

struct Facts {
  result::Observed observed;  ///< its counts, probes, totals and system calls are read; no tree
  std::optional<std::uint64_t> alive;  ///< tasks of the tree; absent: events were lost
  std::optional<std::map<std::string, std::uint64_t>> by_state;  ///< tasks: "sleeping" → 12
};

/// All families, also those without samples, in a fixed order.
std::vector<Family> families(const Facts& facts);

}  // namespace vtlab::metrics
