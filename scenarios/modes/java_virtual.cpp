// java_virtual.cpp — virtual threads of the real JVM (JEP 444). The units are in scenarios/foreign/java.
#include <algorithm>

#include "scenarios/claims/claims.h"
#include "scenarios/mode.h"

namespace vtlab {
namespace {

// jdk.virtualThreadScheduler.maxPoolSize is 256 unless parallelism is larger (java.lang.Thread).
std::uint32_t most_carriers(const Params& p) {
  return std::max(p.carriers, 256u);
}

constexpr const Claim* kClaims[] = {&claims::exist_java_virtual};

}  // namespace

extern const Mode mode_java_virtual;
const Mode mode_java_virtual{
    .name = "java-virtual",
    .title = "virtual threads of the JVM, M:N",
    .lesson = "The real thing: Java objects that are mounted on the threads of a ForkJoinPool.",
    .unit_action = Action::start_virtual_thread,
    .threads = [](const Params& p) { return p.carriers; },
    .spares = [](const Params& p) { return std::min(p.tasks, most_carriers(p) - p.carriers); },
    .needs =
        [](const Params& p) {
          return Needs{p.carriers, std::uint64_t{4} * p.carriers,
                       std::uint64_t{p.tasks} * (2u << 10)};
        },
    .claims = kClaims,
    .foreign = Language::java,
};

}  // namespace vtlab
