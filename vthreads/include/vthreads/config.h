// config.h — what a Scheduler is told when it is made.
//
// Rule      A value that cannot be honoured is refused by the Scheduler's constructor
//           (std::invalid_argument); nothing is silently replaced, except that stack_bytes is
//           rounded up.
// Threads   Plain values: no sharing, no locks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>

namespace vthreads {

inline constexpr unsigned kMaxCarriers = 1024;
inline constexpr std::size_t kMinStackBytes = std::size_t{16} << 10;
inline constexpr std::size_t kMaxStackBytes = std::size_t{1} << 30;
inline constexpr std::uint32_t kMaxRunQueueSlots = 1U << 16;

struct Config {
  enum class Drive {
    own_threads,     ///< M:N — the Scheduler starts `carriers` OS threads in its constructor
    calling_thread,  ///< M:1 — no OS thread is ever created; whoever calls Scheduler::run() is the
                     ///< only carrier
  };

  /// How many carriers. 0: with own_threads as many as CPUs this process may run on
  /// (sched_getaffinity(2)), with calling_thread one. Refused: more than kMaxCarriers, or more than
  /// one with calling_thread.
  unsigned carriers = 0;

  Drive drive = Drive::own_threads;

  /// How many carriers there may ever be, spare ones included that stand in for carriers held by
  /// blocking() or a Pin. Fewer than `carriers`: none is spare. No meaning with calling_thread, where
  /// nothing is compensated. (256 as the JVM's maxPoolSize.)
  unsigned max_carriers = 256;

  /// Address space for the stack of one vthread, its control block and its guard page included.
  /// Rounded up to kMinStackBytes and then to whole pages; only pages that are touched cost memory.
  /// Refused: more than kMaxStackBytes.
  std::size_t stack_bytes = std::size_t{64} << 10;

  /// With how many slots the ring of each carrier's run queue begins; it doubles when it is full. A
  /// power of two from 2 to kMaxRunQueueSlots, anything else is refused.
  std::uint32_t run_queue_slots = 256;

  /// Decides in which order a carrier tries others when it looks for work to steal; the same seed
  /// gives the same order.
  std::uint64_t seed = 0;

  /// How to start the OS thread of a carrier; must run the function it is given on the thread it
  /// returns. Empty: std::thread. Called `carriers` times, in the constructor of the Scheduler, on
  /// the caller's thread.
  std::function<std::thread(std::function<void()>)> start_carrier;
};

}  // namespace vthreads
