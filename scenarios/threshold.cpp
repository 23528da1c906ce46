// threshold.cpp — starts units that only wait, all alive at once, until one is refused or as many as were asked
// for are there; then lets all of them end.
//
// Rule      The rest of the machine must not notice: of what all its programs share a part stays free, and
//           stopping there is said not to be a refusal.
#include <cerrno>
#include <new>
#include <system_error>

#include "scenarios/claims/claims.h"
#include "scenarios/limits.h"
#include "scenarios/scenario.h"

namespace vtlab {
namespace {

constexpr std::uint32_t kLookEvery = 64;  // units

struct Growth {
  std::uint32_t started = 0;
  int error = 0;
  Reached reached;
};

Growth grow(Workload& work, Semaphore& gate) {
  const Headroom headroom;
  Growth growth;
  try {
    for (; growth.started < work.params().tasks; ++growth.started) {
      if (growth.started % kLookEvery == 0) {
        growth.reached = headroom.nearly_used_up();
        if (growth.reached.limit != TaskLimit::none) return growth;
      }
      work.start(growth.started, [&gate] { gate.acquire(); });
    }
  } catch (const std::system_error& refused) {
    growth.error = refused.code().value();
  } catch (const std::bad_alloc&) {
    growth.error = ENOMEM;
  }
  if (growth.error) growth.reached = headroom.refused_by(growth.error);
  return growth;
}

void body(Workload& work) {
  const std::unique_ptr<Semaphore> gate = work.runtime().semaphore(0);
  const Growth growth = grow(work, *gate);
  for (std::uint32_t unit = 0; unit < growth.started; ++unit) gate->release();
  work.join_all();
  work.report(kUnitsStarted, growth.started);
  work.report("refused_errno", static_cast<std::uint64_t>(growth.error));
  work.report("limit", static_cast<std::uint64_t>(growth.reached.limit));
  work.report("limit_value", growth.reached.value);
}

constexpr Reported kReports[] = {
    {kUnitsStarted, "units alive when it ended", "count"},
    {"refused_errno", "errno of the refusal, if any", "count"},
    {"limit_value", "the limit that ended it", "count"},
};

constexpr const Claim* kClaims[] = {&claims::gain_threshold_named};

}  // namespace

extern const Scenario scenario_threshold;
const Scenario scenario_threshold{
    .name = "threshold",
    .title = "are started, all alive at once, until one is refused",
    .lesson =
        "OS threads run out at some limit of the system, which has a name; virtual threads go "
        "on until the memory ends.",
    .defaults = {.tasks = 1009},
    .body = body,
    .claims = kClaims,
    .reports = kReports,
    .until_refused = true,
};

}  // namespace vtlab
