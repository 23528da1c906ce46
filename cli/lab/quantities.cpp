#include "lab/quantities.h"

#include <algorithm>

namespace vtlab::lab {
namespace {

MetricKind kernel_tasks() {
  return {"kernel_tasks", "kernel tasks", "count", [](const Observation& o) { return o.observer; },
          [](const Observation& o, const Machine&) {
            if (!o.kernel.void_because.empty()) return Reading{{}, o.kernel.void_because};
            if (!o.kernel.kernel_tasks) return Reading{{}, "no probe could count them"};
            return Reading{static_cast<double>(*o.kernel.kernel_tasks), {}};
          }};
}

MetricKind wall() {
  return {"wall_ns", "wall time", "ns",
          [](const Observation&) { return std::string("from the gate until the work was done"); },
          [](const Observation& o, const Machine&) {
            return Reading{static_cast<double>(o.end_ns - o.start_ns), {}};
          }};
}

bool is_own_number(const std::string& key, const Scenario& scenario) {
  return std::any_of(scenario.reports.begin(), scenario.reports.end(),
                     [&](const Reported& number) { return number.key == key; });
}

const QuantityGroup kGroups[] = {
    {"tasks", {"kernel_tasks"}},
    {"wall", {"wall_ns"}},
    {"latency", {"latency_p50_ns", "latency_p99_ns"}},
    {"cpu", {"cpu_ns_per_unit"}},
    {"memory", {"resident_bytes_per_unit", "kernel_stack_bytes_per_unit"}},
    {"reserved", {"reserved_bytes_per_unit"}},
    {"switches",
     {"switches_per_unit", "unit_switches_per_unit", "switches_per_operation",
      "unit_switches_per_operation"}},
    {"own", {}},
};

}  // namespace

std::vector<MetricKind> quantity_kinds(const Scenario& scenario) {
  std::vector<MetricKind> kinds{kernel_tasks(), wall()};
  for (const MetricKind& kind : metric_kinds())
    if (kind.applies(scenario) && !kind.asked_for) kinds.push_back(kind);
  for (const Reported& number : scenario.reports) kinds.push_back(reported_kind(number));
  return kinds;
}

std::span<const QuantityGroup> quantity_groups() {
  return kGroups;
}

bool is_asked_for(const std::string& key, const Scenario* scenario,
                  std::span<const std::string> words) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    if (word == "all" || word == key) return true;
    const auto* group = std::find_if(std::begin(kGroups), std::end(kGroups),
                                     [&](const QuantityGroup& g) { return g.name == word; });
    if (group == std::end(kGroups)) return false;
    if (group->keys.empty()) return scenario && is_own_number(key, *scenario);
    return std::find(group->keys.begin(), group->keys.end(), key) != group->keys.end();
  });
}

bool is_counted(const std::string& key) {
  return key == "kernel_tasks" || key == "units_done";
}

}  // namespace vtlab::lab
