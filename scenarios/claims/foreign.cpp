// foreign.cpp — what exists in the kernel of units of the real JVM and of the real Go.
#include "scenarios/claims/claims.h"
#include "scenarios/claims/say.h"
#include "scenarios/mode.h"

namespace vtlab::claims {
namespace {

bool always(const Mode&) {
  return true;
}

std::string own_threads(std::uint64_t tasks) {
  return tasks ? ", " + n(tasks) + " by the JVM for itself" : "";
}

Check judge_java_platform(const Evidence& e) {
  const auto by_units = caused_by(e, Action::start_platform_thread);
  const auto by_jvm = caused_by(e, Action::start_runtime_thread);
  if (!e.kernel_tasks || !by_units || !by_jvm)
    return not_observed("the number of new kernel tasks by name");
  if (*by_units + *by_jvm == 0 && *e.kernel_tasks) return not_observed("the names of new tasks");
  const bool holds = *by_units == e.params.tasks && *by_units + *by_jvm == *e.kernel_tasks;
  return holds_if(holds, count(e.params.tasks, "Java platform thread") + ": " +
                             count(*by_units, "new kernel task") + " with their names" +
                             own_threads(*by_jvm));
}

// The JVM's own (its unparker, a poller, a compiler thread) are a handful, whatever the number of units.
Check judge_java_virtual(const Evidence& e) {
  const auto by_carriers = caused_by(e, Action::start_carrier);
  const auto by_jvm = caused_by(e, Action::start_runtime_thread);
  if (!e.kernel_tasks || !by_carriers || !by_jvm)
    return not_observed("the number of new kernel tasks by name");
  if (*by_carriers + *by_jvm == 0 && *e.kernel_tasks) return not_observed("the names of new tasks");
  constexpr std::uint64_t kMostOwn = 32;
  const bool holds = *by_carriers <= e.params.carriers + e.spares && *by_jvm <= kMostOwn &&
                     *by_carriers + *by_jvm == *e.kernel_tasks && e.units_done == e.params.tasks;
  return holds_if(holds, count(e.units_done, "Java virtual thread") + ": " +
                             count(*e.kernel_tasks, "new kernel task") + ", " + n(*by_carriers) +
                             " of them carriers (" + count(e.params.carriers, "carrier") +
                             " asked" + (e.spares ? ", more for calls that hold one" : "") + ")" +
                             own_threads(*by_jvm));
}

// One M for each P that is busy, one each for sysmon and the template thread, and one for each call that lasts. Some
// were there when the window opened.
Check judge_goroutine(const Evidence& e) {
  const auto by_ms = caused_by(e, Action::start_m);
  if (!e.kernel_tasks || !by_ms) return not_observed("the number of new kernel tasks");
  const std::uint64_t most = 2 * std::uint64_t{e.params.carriers} + 2 + e.spares;
  const bool holds = *by_ms == *e.kernel_tasks && *by_ms <= most && e.units_done == e.params.tasks;
  return holds_if(holds, count(e.units_done, "goroutine") + ": " +
                             count(*e.kernel_tasks, "new kernel task") + ", " + n(*by_ms) +
                             " of them Ms (" + count(e.params.carriers, "P") +
                             (e.spares ? ", more Ms for calls that hold one" : "") + ")");
}

}  // namespace

const Claim exist_java_platform{"exist.java-platform",
                                "on Linux a Java platform thread is one kernel thread",
                                judge_java_platform, always};
const Claim exist_java_virtual{"exist.java-virtual", "a Java virtual thread is not an OS thread",
                               judge_java_virtual, always};
const Claim exist_goroutine{"exist.goroutine", "a goroutine is not an OS thread; only a new M is",
                            judge_goroutine, always};

}  // namespace vtlab::claims
