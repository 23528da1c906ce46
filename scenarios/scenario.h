// scenario.h — one small workload. The whole file of a scenario is the lesson.
//
// To add one: a file here that defines `extern const Scenario scenario_NAME`, and NAME in
// scenarios/CMakeLists.txt.
#pragma once

#include <span>
#include <string_view>

#include "scenarios/claim.h"
#include "scenarios/params.h"
#include "scenarios/workload.h"

namespace vtlab {

struct Scenario {
  std::string_view name;    ///< on the command line
  std::string_view title;   ///< what the N units do, to follow "N units "
  std::string_view lesson;  ///< one sentence for `vtlab list`
  /// One connection per unit to a server outside the observed process, made before the window.
  bool needs_server = false;
  Params defaults;  ///< tasks is prime, so that a match is not luck; carriers 0: as many as CPUs
  void (*body)(Workload&) = nullptr;
  std::span<const Claim* const> claims;  ///< beside those of the mode
};

}  // namespace vtlab
