#include "lab/foreign/priorities.h"

#include <sys/resource.h>

#include <cerrno>
#include <charconv>
#include <set>
#include <string_view>

#include "lab/procfs.h"

namespace vtlab::lab {

std::map<std::string, double> nice_by_priority(pid_t jvm) {
  constexpr std::string_view kUnit = "unit-";
  constexpr unsigned kPriorities = 10;
  std::map<unsigned, std::set<int>> seen;
  for (const std::uint32_t tid : threads_of(static_cast<std::uint32_t>(jvm))) {
    const std::string name = comm_of(static_cast<std::uint32_t>(jvm), tid);
    if (name.rfind(kUnit, 0) != 0) continue;
    unsigned unit = 0;
    std::from_chars(name.data() + kUnit.size(), name.data() + name.size(), unit);
    errno = 0;  // -1 is a nice value
    const int nice = getpriority(PRIO_PROCESS, tid);
    if (errno == 0) seen[1 + unit % kPriorities].insert(nice);
  }
  std::map<std::string, double> nice;
  for (const auto& [priority, values] : seen)
    if (values.size() == 1) nice["nice_" + std::to_string(priority)] = *values.begin();
  return nice;
}

}  // namespace vtlab::lab
