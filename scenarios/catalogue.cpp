#include "scenarios/catalogue.h"

#include <algorithm>

namespace vtlab {

#include "mode_registry.inc"
#include "scenario_registry.inc"

namespace {

template <typename Table>
auto find_by_name(const Table& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const auto* entry) { return entry->name == name; });
  return found == table.end() ? nullptr : *found;
}

}  // namespace

std::span<const Scenario* const> scenarios() {
  return k_scenario_table;
}
std::span<const Mode* const> modes() {
  return k_mode_table;
}
const Scenario* find_scenario(std::string_view name) {
  return find_by_name(scenarios(), name);
}
const Mode* find_mode(std::string_view name) {
  return find_by_name(modes(), name);
}

Check judge(const Claim& claim, const Evidence& evidence) {
  if (!evidence.void_because.empty()) return {Verdict::not_testable_here, evidence.void_because};
  return claim.judge(evidence);
}

}  // namespace vtlab
