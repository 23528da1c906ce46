// machine.h — this machine as a value: host, limits and how much of each is in use. Read once per
// invocation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "result/result.h"

namespace vtlab::lab {

/// What a limit limits.
enum class Resource { kernel_tasks, memory_maps, open_files, memory };

/// One limit of the kernel or of this user; see proc(5), getrlimit(2), cgroups(7).
struct Limit {
  Resource resource;
  std::string name;  ///< "kernel.pid_max"
  std::uint64_t value = 0;
  std::uint64_t used = 0;
  std::string raise;  ///< what to type for more; empty if nothing helps
};

struct Machine {
  result::Host host;
  std::vector<Limit> limits;
  std::optional<std::uint64_t> kernel_stack_bytes;  ///< per task
};

/// Errors: none; what cannot be read is left out.
Machine read_machine(std::string version);

/// Allows this process, and what it starts, as many open files as its hard limit says.
void raise_file_limit();

/// CPUs that this process may run on.
std::uint32_t usable_cpus();

/// The number at the start of a procfs, sysfs or cgroup file; 0 if there is none.
std::uint64_t first_number_of(const std::string& file);

}  // namespace vtlab::lab
