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

std::uint32_t spares(const Scenario& scenario, const Mode& mode, const Params& params) {
  // Who reads a file through the runtime announces a blocking call by that.
  const bool announced = scenario.waiting == Waiting::announced || params.over == Over::file ||
                         params.pin == Pin::file;
  return announced && mode.spares ? mode.spares(params) : 0;
}

std::uint32_t waiting_at_once(const Scenario& scenario, const Mode& mode, const Params& params) {
  std::uint32_t most = params.tasks;
  if (mode.waiting_at_once) most = std::min(most, mode.waiting_at_once(params));
  if (scenario.waiting != Waiting::as_the_mode && mode.threads)
    most = std::min(most, mode.threads(params) + spares(scenario, mode, params));
  return most;
}

std::string_view why_not(const Scenario& scenario, const Mode& mode, const Params& params) {
  if (mode.foreign && !scenario.languages.has(*mode.foreign))
    return mode.foreign == Language::java ? "it is not written in Java" : "it is not written in Go";
  if (mode.has_callbacks_only && !scenario.callbacks)
    return "its units wait in the middle of what they do, which a callback cannot";
  return scenario.refuses ? scenario.refuses(mode, params) : std::string_view();
}

}  // namespace vtlab
