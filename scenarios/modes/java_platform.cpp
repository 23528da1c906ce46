// java_platform.cpp — `new Thread` of the real JVM. The units are in scenarios/foreign/java.
#include "scenarios/claims/claims.h"
#include "scenarios/mode.h"

namespace vtlab {
namespace {

constexpr const Claim* kClaims[] = {&claims::exist_java_platform};

}  // namespace

extern const Mode mode_java_platform;
const Mode mode_java_platform{
    .name = "java-platform",
    .title = "platform threads of the JVM",
    .lesson =
        "What `new Thread` is on Linux: one kernel thread each, made by the JVM's pthread_create.",
    .unit_action = Action::start_platform_thread,
    // A stack and its guard pages; the JVM touches more of a stack than C++ does.
    .needs =
        [](const Params& p) {
          return Needs{p.tasks, std::uint64_t{4} * p.tasks, std::uint64_t{p.tasks} * (64u << 10)};
        },
    .claims = kClaims,
    .foreign = Language::java,
};

}  // namespace vtlab
