// limits.cpp — how many units there can be, and what ends it.
#include "scenarios/limits.h"
#include "prove/judging.h"
#include "prove/proof.h"
#include "scenarios/scenario.h"

namespace vtlab::prove {
namespace {

// More than a process may have of threads where nobody raised vm.max_map_count: two mappings for each.
constexpr std::uint32_t kMost = 40'009;

Check judge_threshold(const Shown& shown) {
  const lab::Observation &platform = shown.first(0), &on_carriers = shown.first(1);
  const auto threads = reported(platform, kUnitsStarted), limit = reported(platform, "limit"),
             value = reported(platform, "limit_value"), error = reported(platform, "refused_errno"),
             units = reported(on_carriers, kUnitsStarted);
  if (!threads || !limit || !value || !error || !units)
    return {Verdict::not_testable_here, "the workload did not say where its growth ended"};
  const auto named = static_cast<TaskLimit>(*limit);
  const std::string seen = std::to_string(*threads) + " platform threads, " +
                           std::to_string(*units) + " virtual threads of " +
                           std::to_string(on_carriers.experiment.params.tasks) + " asked";
  if (named == TaskLimit::none)
    return {Verdict::not_testable_here, seen + ": no limit of this machine is that low"};
  if (!on_carriers.kernel.kernel_tasks)
    return {Verdict::not_testable_here, "the kernel tasks of the virtual threads were not counted"};
  const bool holds = named != TaskLimit::unknown && *units > *threads &&
                     *units == on_carriers.experiment.params.tasks &&
                     *on_carriers.kernel.kernel_tasks <= on_carriers.experiment.params.carriers;
  return {holds ? Verdict::holds : Verdict::refuted,
          seen + " on " + std::to_string(*on_carriers.kernel.kernel_tasks) +
              " kernel tasks; the threads ended at " + std::string(limit_name(named)) +
              ", which is " + std::to_string(*value) +
              (*error ? " (errno " + std::to_string(*error) + ")"
                      : " and of which a part was left to the rest of the machine")};
}

const Proof kProofs[] = {
    {.id = "gain.threshold",
     .statement = "platform threads run out where virtual threads go on",
     .where = "A§1",
     .trials = [](const lab::Machine&) -> std::vector<Trial> {
       return {{"threshold", "platform", {.tasks = kMost}, {}, 1},
               {"threshold", "virtual", {.tasks = kMost}, {}, 1}};
     },
     .judge = judge_threshold},
};

}  // namespace

extern const ProofGroup proofs_limits;
const ProofGroup proofs_limits{"Where the gain comes from, and where it does not", kProofs};

}  // namespace vtlab::prove
