// wait_group.h — waiting until a changing number of things has been done; as Go's sync.WaitGroup.
//
// Rule      add() before the thing is started, done() when it is finished; wait() returns when as
//           many are done as were added. It can be used again: add() after that begins the next
//           round, even if those who waited for the last one are still on their way.
// Rule      Waiting is interruptible: it throws Stopped if the vthread was asked to stop.
// Order     Everything before a done() happens before the return of the wait that it ends.
// Undefined Destroying it while somebody waits. It may be destroyed as soon as a wait has returned,
//           even if the done() that ended it has not. An add() that is not ordered before a wait()
//           may be missed by it.
// Cost      add(), done(): one atomic read-modify-write, inline; the last one two if somebody
//           waits, and waking.
#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>

#include "vthreads/detail/countdown.h"
#include "vthreads/stop.h"

namespace vthreads {

class WaitGroup {
 public:
  WaitGroup() = default;

  /// Never waits. Errors: std::logic_error if the number would become negative, or greater than
  /// 2^61 - 1; it is unchanged then.
  void add(std::int64_t number = 1) {
    if (!countdown_.add(number)) throw std::logic_error("vthreads: a wait group counted below 0");
  }
  void done() { add(-1); }

  /// Waits until the number is 0. Errors: Stopped.
  void wait() { countdown_.wait(kNever); }

  /// False if the deadline came first. Errors: Stopped.
  bool wait_until(Deadline deadline) { return countdown_.wait(deadline); }
  bool wait_for(std::chrono::nanoseconds duration) {
    return countdown_.wait(deadline_after(duration));
  }

 private:
  detail::Countdown countdown_{0, WaitReason::wait_group};
};

}  // namespace vthreads
