#include "lab/conditions.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace vtlab::lab {

MachineClocks read_machine_clocks() {
  MachineClocks clocks;
  timespec own{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
  clocks.own_ns = static_cast<std::uint64_t>(own.tv_sec) * 1'000'000'000u +
                  static_cast<std::uint64_t>(own.tv_nsec);
  std::ifstream in("/proc/stat");
  std::string word;
  std::uint64_t user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0,
                steal = 0;
  if (!(in >> word >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal) ||
      word != "cpu")
    return clocks;
  const auto tick_ns = 1'000'000'000u / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  clocks.busy_ns = (user + nice + system + irq + softirq) * tick_ns;
  clocks.stolen_ns = steal * tick_ns;
  return clocks;
}

ChildrenUsage read_children_usage() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return {static_cast<std::uint64_t>(usage.ru_majflt), static_cast<std::uint64_t>(usage.ru_nivcsw)};
}

Conditions between(const MachineClocks& before, const MachineClocks& after,
                   std::optional<std::uint64_t> workload_ns) {
  Conditions conditions;
  const auto grown = [](std::uint64_t from, std::uint64_t to) { return to > from ? to - from : 0; };
  if (before.stolen_ns && after.stolen_ns)
    conditions.stolen_ns = grown(*before.stolen_ns, *after.stolen_ns);
  if (before.busy_ns && after.busy_ns && workload_ns)
    conditions.others_cpu_ns = grown(*workload_ns + grown(before.own_ns, after.own_ns),
                                     grown(*before.busy_ns, *after.busy_ns));
  return conditions;
}

}  // namespace vtlab::lab
