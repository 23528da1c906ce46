// p.h — a P: the right to run Gs, and what goes with it.
//
// Owns      its local queue and its timers; both stay with the P whichever M has it.
// Rule      Exactly one party may touch the queue as its owner. The status says which:
//
//             status   who has it                    left by            to
//             idle     the list of idle Ps, or who   acquire_p()        running
//                      took it out of there
//             running  the M whose `p` it is         enter_syscall()    syscall
//                                                    release_p()        idle
//             syscall  nobody: its last M is in a    exit_syscall()     running (compare-and-swap)
//                      system call or the like       retake()           idle    (compare-and-swap)
//
//           In state syscall whoever wins the compare-and-swap has it: the M that comes back, or
//           sysmon, which gives it to another M.
// Threads   As the status says; ticks, status, timers: anybody.
#pragma once

#include <atomic>
#include <cstdint>

#include "gmp/local_queue.h"
#include "timers.h"

namespace vthreads::detail::gmp {

struct P {
  enum class Status : std::uint32_t { idle, running, syscall };

  P(unsigned number, std::uint32_t slots) : index(number), queue(slots) {}

  bool change(Status from, Status to) {
    return status.compare_exchange_strong(from, to, std::memory_order_seq_cst);
  }

  /// By its M: a new time slice begins.
  void count_slice() {
    sched_tick.store(sched_tick.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  const unsigned index;
  std::atomic<Status> status{Status::idle};
  std::atomic<std::uint32_t> sched_tick{
      0};  // time slices begun; a G from the next slot begins none
  std::atomic<std::uint32_t> syscall_tick{0};  // system calls entered
  std::atomic<bool> slice_is_over{false};      // said by sysmon: the next slot waits its turn
  LocalQueue queue;
  bool kept_one =
      false;  // by its M: a G was put here and nobody woken for it, because the M takes it itself
  Timers timers;
};

}  // namespace vthreads::detail::gmp
