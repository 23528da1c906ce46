// forgotten.h — vthreads that nothing inside their scheduler can wake, while it is being destroyed.
//
// Owns      nothing.
// Rule      First all are asked to stop. If they wait even so for kPatience, without any vthread having been mounted
//           meanwhile, the process ends with a message that names them: it would hang else.
// Why patience: somebody outside may hold the Mutex that they wait for, and be about to unlock it.
// Rule      The blocks that are looked at here may be in use, free or on their way from one to the other if others
//           still unpark them from outside. So nothing is touched but what stays valid: their atomics.
// Threads   Who destroys the scheduler.
#pragma once

#include <chrono>
#include <cstdint>

#include "stack_pool.h"
#include "vthreads/stop.h"

namespace vthreads::detail {

class Forgotten {
 public:
  explicit Forgotten(const StackPool& stacks) : stacks_(stacks) {}

  /// When all carriers sleep, and no deadline can wake one. `mounts`: grows whenever a
  /// vthread gets on. Until when to wait at most before looking again; a time in the past if
  /// some have been asked just now.
  Deadline rescue(std::uint64_t mounts);

 private:
  static constexpr std::chrono::seconds kPatience{1};
  static constexpr std::chrono::milliseconds kFirstTick{1}, kLastTick{1000};

  bool ask_all() const;
  [[noreturn]] void give_up() const;

  const StackPool& stacks_;
  Deadline since_ = kNever;  // when they were found to wait even so
  std::uint64_t mounts_ = 0;
  std::chrono::nanoseconds tick_ = kFirstTick;
};

}  // namespace vthreads::detail
