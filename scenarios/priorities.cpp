// priorities.cpp — N threads, which ask for each of Java's ten priorities in turn, wait together, until all
// are there and vtlab has looked at them.
//
// Look at     the nice value that the kernel has for a thread of each priority.
// Surprises   It is the same for all ten. On Linux the JVM does nothing about Thread.setPriority unless it is
//             told to by -XX:ThreadPriorityPolicy=1; the number is a field of a Java object.
// Not shown   What a nice value does: nobody competes here.
#include "scenarios/mode.h"
#include "scenarios/scenario.h"

namespace vtlab {
namespace {

constexpr std::string_view kNobody =
    "no unit asked for it, or its units differ, or nobody looked while they waited";
constexpr std::string_view kSource = "getpriority(2) of each unit's task, while all wait";
constexpr Reported kReports[] = {
    {"nice_1", "nice value where priority is 1", "count", kNobody, kSource},
    {"nice_2", "nice value where priority is 2", "count", kNobody, kSource},
    {"nice_3", "nice value where priority is 3", "count", kNobody, kSource},
    {"nice_4", "nice value where priority is 4", "count", kNobody, kSource},
    {"nice_5", "nice value where priority is 5", "count", kNobody, kSource},
    {"nice_6", "nice value where priority is 6", "count", kNobody, kSource},
    {"nice_7", "nice value where priority is 7", "count", kNobody, kSource},
    {"nice_8", "nice value where priority is 8", "count", kNobody, kSource},
    {"nice_9", "nice value where priority is 9", "count", kNobody, kSource},
    {"nice_10", "nice value where priority is 10", "count", kNobody, kSource},
};

std::string_view refuses(const Mode& mode, const Params&) {
  if (mode.foreign != Language::java) return "its units have no priority that could be asked for";
  return mode.threads ? "a virtual thread has no priority of its own: setPriority does nothing"
                      : "";
}

}  // namespace

extern const Scenario scenario_priorities;
const Scenario scenario_priorities{
    .name = "priorities",
    .title = "ask for Java's priorities 1 to 10 in turn, and wait together",
    .lesson = "What of a thread's priority arrives in the kernel: the platform's own rules decide.",
    .defaults = {.tasks = 101},
    .refuses = refuses,
    .reports = kReports,
    .languages = {.java = true},
};

}  // namespace vtlab
