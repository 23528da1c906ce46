#include "prove/proofs/foreign.h"

#include "prove/judging.h"
#include "scenarios/claims/claims.h"
#include "scenarios/claims/say.h"

namespace vtlab::prove {

std::string name_of_runtime(const lab::Observation& seen) {
  return seen.experiment.foreign ? seen.experiment.foreign->runtime : std::string();
}

Trial blocking_in_go(const lab::Recording& recording) {
  Trial trial{
      "blocking-syscall", "go", {.tasks = 53, .carriers = 1, .delay_ns = 50'000'000}, recording, 1};
  trial.may_lack = true;
  return trial;
}

std::vector<Trial> java_platform(const lab::Machine&) {
  constexpr std::uint32_t kFew = 101, kMany = 1009;
  return {{"parked-memory", "java-platform", {.tasks = kFew}, {}, 1},
          {"parked-memory", "java-platform", {.tasks = kMany}, {}, 1}};
}

Check judge_java_platform(const Shown& shown) {
  constexpr std::uint64_t kHandful =
      16;  // compiler and collector threads that come when there is work for them
  const auto few = caused(shown.first(0), Action::start_runtime_thread),
             many = caused(shown.first(1), Action::start_runtime_thread);
  if (!few || !many) return claims::not_observed("the number of new kernel tasks by name");
  return all_of(
      {judge_by(claims::exist_java_platform, shown, 0),
       judge_by(claims::exist_java_platform, shown, 1),
       claims::holds_if(*many <= *few + kHandful,
                        "besides them the JVM started " + claims::n(*few) + " for itself, and " +
                            claims::n(*many) + " with ten times as many")});
}

}  // namespace vtlab::prove
