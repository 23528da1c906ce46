// carriers.h — which tasks of a tree have the CPUs: what a runtime with its own scheduler calls carriers.
//
// Owns      what each task had used at the last look.
// Threads   Not shared.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "result/carrier.h"

namespace vtlab::lab {

class Carriers {
 public:
  /// Looking costs a read per task: of a larger tree only so many are looked at.
  static constexpr std::size_t kMostLookedAt = 1024;

  /// The busiest of these processes' tasks since the last look, busiest first; those that did not run
  /// are left out. Nothing at the first look. From /proc/PID/task/TID/schedstat (nanoseconds on a CPU,
  /// nanoseconds waiting for one, times it got one: Documentation/scheduler/sched-stats.rst).
  std::vector<result::Carrier> look(const std::vector<std::uint32_t>& tgids, std::uint64_t now_ns,
                                    std::size_t most);

 private:
  struct Used {
    std::uint64_t running_ns = 0, waiting_ns = 0, runs = 0;
  };
  std::unordered_map<std::uint32_t, Used> last_;
  std::uint64_t last_ns_ = 0;
};

}  // namespace vtlab::lab
