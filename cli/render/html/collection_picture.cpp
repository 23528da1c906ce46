#include "render/html/collection_picture.h"

#include <algorithm>

#include "render/collection_words.h"
#include "render/format.h"
#include "render/html/pictures.h"
#include "render/html/text.h"

namespace vtlab::render::html {
namespace {

using result::CollectedGroup;
using result::CollectedMetric;
using result::CollectedMode;
using result::CollectedValue;
using result::Collection;
using result::Estimate;

const CollectedMetric* find(const CollectedMode& mode, const std::string& key) {
  const auto found = std::find_if(mode.metrics.begin(), mode.metrics.end(),
                                  [&](const CollectedMetric& m) { return m.key == key; });
  return found == mode.metrics.end() ? nullptr : &*found;
}

Estimate of_all(const CollectedMode& mode, const CollectedMetric& metric) {
  Estimate estimate;
  estimate.contender = mode.name.empty() ? "observed" : mode.name;
  estimate.median = metric.median;
  for (const CollectedValue& value : metric.values)
    if (value.value) estimate.values.push_back(*value.value);
  return estimate;
}

Estimate of_one(const Collection& collection, const CollectedMode& mode,
                const CollectedValue& value) {
  Estimate estimate;
  estimate.contender = collection.documents[value.document].name;
  if (!mode.name.empty()) estimate.contender = mode.name + ", " + estimate.contender;
  estimate.median = value.value;
  estimate.values = value.values;
  return estimate;
}

// One quantity in all modes that have it, as `compare` has them.
result::Quantity quantity_of(const Collection& collection, const CollectedGroup& group,
                             const CollectedMetric& metric) {
  result::Quantity quantity;
  quantity.key = metric.key;
  quantity.title = metric.title;
  quantity.unit = metric.unit;
  quantity.sizes.emplace_back();
  std::vector<Estimate>& estimates = quantity.sizes.back().estimates;
  for (const CollectedMode& mode : group.modes) {
    const CollectedMetric* here = find(mode, metric.key);
    if (!here) continue;
    if (collection.merged) {
      estimates.push_back(of_all(mode, *here));
    } else {
      for (const CollectedValue& value : here->values)
        estimates.push_back(of_one(collection, mode, value));
    }
  }
  return quantity;
}

}  // namespace

std::string collection_picture(const Collection& collection, const CollectedGroup& group) {
  std::string out;
  std::vector<std::string> drawn;
  for (const CollectedMode& mode : group.modes) {
    for (const CollectedMetric& metric : mode.metrics) {
      if (std::find(drawn.begin(), drawn.end(), metric.key) != drawn.end()) continue;
      drawn.push_back(metric.key);
      const std::string picture = quantity_picture(quantity_of(collection, group, metric));
      if (!picture.empty())
        out += element("figure", words("figcaption", one_line(metric.title)) + picture,
                       "class=\"collected\"");
    }
  }
  return out;
}

}  // namespace vtlab::render::html
