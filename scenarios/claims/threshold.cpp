// threshold.cpp — where the number of units that are alive at once ends.
#include <cstring>

#include "scenarios/claims/claims.h"
#include "scenarios/claims/say.h"
#include "scenarios/limits.h"
#include "scenarios/scenario.h"

namespace vtlab::claims {
namespace {

std::uint64_t reported(const Evidence& e, std::string_view key) {
  const auto found = e.reported.find(std::string(key));
  return found == e.reported.end() ? 0 : found->second;
}

Check judge_named(const Evidence& e) {
  if (!e.reported.contains("limit")) return not_observed("the end of the growth");
  const auto limit = static_cast<TaskLimit>(reported(e, "limit"));
  const auto error = static_cast<int>(reported(e, "refused_errno"));
  const std::string alive = count(reported(e, kUnitsStarted), "unit") + " alive at once";
  if (limit == TaskLimit::none)
    return {Verdict::not_testable_here, alive + ", and none was refused; ask for more --tasks"};
  const std::string named =
      std::string(limit_name(limit)) +
      (reported(e, "limit_value") ? ", which is " + n(reported(e, "limit_value")) : "");
  if (error == 0)
    return {Verdict::holds,
            alive + ", then stopped to leave the rest of the machine a part of " + named};
  return holds_if(limit != TaskLimit::unknown,
                  alive + ", the next one refused (" + std::strerror(error) + ") by " + named);
}

}  // namespace

const Claim gain_threshold_named{"gain.threshold", "units run out at a limit that has a name",
                                 judge_named, [](const Mode&) { return true; }};

}  // namespace vtlab::claims
