// stack_trimmer.h — when the memory of stacks that nobody needs goes back to the kernel, and how much.
//
// Rule      As many as were free all the time since the last look; the last kHotStacks stay. So what a burst
//           of work needs is warm for the next one.
// Rule      Only while nobody runs: whoever gives back may then take its time. What the owner calls quiet is
//           asked again every few stacks.
// Threads   One at a time, of the owner's choice: the carrier in the poller, or sysmon.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "stack_pool.h"
#include "timers.h"

namespace vthreads::detail {

class StackTrimmer {
 public:
  static constexpr std::size_t kHotStacks = 256;  // are kept; an idle carrier may have as many more

  StackTrimmer(StackPool& stacks, std::chrono::nanoseconds every)
      : stacks_(stacks), every_(every) {}

  /// When to call trim(). kNever: there is nothing to give back, and as soon as there is,
  /// SchedulerCore::stacks_to_spare() tells.
  Deadline when() { return stacks_.more_hot_than(kHotStacks) ? next_ : kNever; }

  /// Nothing before its time. Stops as soon as quiet() does not hold.
  template <class Quiet>
  void trim(Quiet quiet) {
    constexpr std::size_t kAtOnce = 64;
    if (std::chrono::steady_clock::now() < next_) return;
    next_ = deadline_after(every_);
    const std::size_t hot = stacks_.hot(), unneeded = std::min(hot, stacks_.take_unneeded());
    const std::size_t keep = std::max(hot - unneeded, kHotStacks);
    for (std::size_t left = hot - std::min(hot, keep); left > 0;) {
      if (!quiet()) return;
      const std::size_t given = stacks_.trim(keep, std::min(left, kAtOnce));
      if (given == 0) return;
      left -= given;
    }
    if (keep == kHotStacks) stacks_.trim(keep);  // what is deep in those few, too
  }

 private:
  StackPool& stacks_;
  const std::chrono::nanoseconds every_;
  Deadline next_{};
};

}  // namespace vthreads::detail
