// limits.h — which limit of the kernel, or of this user, ends the growing number of units.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace vtlab {

/// Numbers are on the wire (Workload::report); append only.
enum class TaskLimit : std::uint64_t {
  none,
  pid_max,
  threads_max,
  ulimit_u,
  pids_cgroup,
  max_map_count,
  memory,
  unknown
};

/// "kernel.pid_max"
std::string_view limit_name(TaskLimit limit);

/// The folders of the cgroups v2 and v1 that limit how many tasks this process may have, innermost first.
void for_each_pids_cgroup(const std::function<void(const std::string& folder)>& look);

struct Reached {
  TaskLimit limit = TaskLimit::none;
  std::uint64_t value = 0;  ///< of the limit
};

/// How near the machine is to its limits. Threads   One.
class Headroom {
 public:
  Headroom();

  /// The limit of the whole machine of which so little is left that its other programs would suffer; none:
  /// go on.
  Reached nearly_used_up() const;
  /// Which one refused, right after that, with what it held still alive: `error` is the errno.
  Reached refused_by(int error) const;

 private:
  std::uint64_t refusals_of_cgroups() const;
  const std::uint64_t refusals_at_first_;
};

}  // namespace vtlab
