// conditions.h — what else happened on the machine while a run went on: evidence for why it was slow.
//
// Source    /proc/stat (proc(5): user, nice, system, irq, softirq, steal), in ticks of mostly 10 ms; getrusage(2)
//           of the children that have ended.
// Threads   Plain values and free functions.
#pragma once

#include <cstdint>
#include <optional>

namespace vtlab::lab {

struct Conditions {
  std::optional<std::uint64_t>
      others_cpu_ns;  ///< in the window, on all CPUs, of everybody but the workload and vtlab
  std::optional<std::uint64_t> stolen_ns;  ///< in the window, by the hypervisor
  /// Of the workload from its start to its end, for those of its processes that were waited for.
  std::optional<std::uint64_t> major_faults, preempted;
};

/// What the machine's clocks say at one moment.
struct MachineClocks {
  std::optional<std::uint64_t> busy_ns, stolen_ns;
  std::uint64_t own_ns = 0;  ///< of this process
};
MachineClocks read_machine_clocks();

struct ChildrenUsage {
  std::uint64_t major_faults = 0, preempted = 0;
};
ChildrenUsage read_children_usage();

/// Between two moments. `workload_ns`: its CPU time between them, if known.
Conditions between(const MachineClocks& before, const MachineClocks& after,
                   std::optional<std::uint64_t> workload_ns);

}  // namespace vtlab::lab
