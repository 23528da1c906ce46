// catalogue.h — every scenario and mode, by name.
#pragma once

#include <span>
#include <string_view>

#include "scenarios/mode.h"
#include "scenarios/scenario.h"

namespace vtlab {

std::span<const Scenario* const> scenarios();
std::span<const Mode* const> modes();
const Scenario* find_scenario(std::string_view name);  ///< null if there is none
const Mode* find_mode(std::string_view name);

/// Why the scenario makes no sense in the mode, as a sentence; empty: it does.
std::string_view why_not(const Scenario& scenario, const Mode& mode, const Params& params);

/// How many units can wait at the same time.
std::uint32_t waiting_at_once(const Scenario& scenario, const Mode& mode, const Params& params);
/// OS threads that the mode may start, in this scenario, beside its own.
std::uint32_t spares(const Scenario& scenario, const Mode& mode, const Params& params);

}  // namespace vtlab
