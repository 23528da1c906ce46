// config.h — what a Scheduler is told when it is made.
//
// Rule      A value that cannot be honoured is refused by the Scheduler's constructor
//           (std::invalid_argument); nothing is silently replaced, except that stack_bytes is
//           rounded up.
// Threads   Plain values: no sharing, no locks.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>

namespace vthreads {

inline constexpr unsigned kMaxCarriers = 1024;
inline constexpr std::size_t kMinStackBytes = std::size_t{16} << 10;
inline constexpr std::size_t kMaxStackBytes = std::size_t{1} << 30;
inline constexpr std::uint32_t kMaxRunQueueSlots = 1U << 16;
inline constexpr std::size_t kMaxEventRecords = std::size_t{1} << 26;

struct Config {
  enum class Kind {
    stealing,  ///< a run queue per carrier, as Loom has: few wake-ups, first in, first out
    gmp        ///< as Go has it: `carriers` tokens, of which a carrier needs one to run vthreads;
               ///< carriers are started when there is a token and work, but none that sleeps.
               ///< docs/vthreads/gmp.md
  };
  enum class Drive {
    own_threads,     ///< M:N — the Scheduler starts `carriers` OS threads in its constructor
    calling_thread,  ///< M:1 — no OS thread is ever created (but for prepare_stacks); whoever calls
                     ///< Scheduler::run() is the only carrier
  };

  Kind kind = Kind::stealing;

  /// How many carriers; with Kind::gmp how many of them may run vthreads at the same time (GOMAXPROCS),
  /// however many there are. 0: with own_threads as many as CPUs this process may run on
  /// (sched_getaffinity(2)), with calling_thread one. Refused: more than kMaxCarriers, or more than
  /// one with calling_thread.
  unsigned carriers = 0;

  /// Refused: calling_thread with Kind::gmp.
  Drive drive = Drive::own_threads;

  /// How many carriers there may ever be, spare ones included that stand in for carriers held by
  /// blocking() or a Pin. Fewer than `carriers`: as many as those; none is spare. No meaning with
  /// calling_thread, where nothing is compensated. (256 as the JVM's maxPoolSize.)
  unsigned max_carriers = 256;

  /// Address space for the stack of one vthread, its control block and its guard page included.
  /// Rounded up to kMinStackBytes and four pages, and then to an odd number of pages
  /// (docs/vthreads/stacks.md); only pages that are touched cost memory. Refused: more than
  /// kMaxStackBytes.
  std::size_t stack_bytes = std::size_t{64} << 10;

  /// What lies below each stack, to stop one that overflows from writing into its neighbour's.
  enum class Guard {
    automatic,  ///< madvise where the kernel has it, else none
    none,       ///< nothing: an overflow silently overwrites what lies below
    madvise,    ///< a page made by MADV_GUARD_INSTALL (Linux 6.13); needs no mapping of its own
    mprotect,   ///< a page without access; any kernel, but two mappings per stack, of which a
                ///< process may have vm.max_map_count (65,530): some 32,000 stacks at most
  };

  /// Refused with std::system_error: Guard::madvise on a kernel without it.
  Guard guard = Guard::automatic;

  /// Name the vthread and the size of its stack on standard error when it runs into its guard, before
  /// the process dies by SIGSEGV as it would anyhow. Installs a handler for SIGSEGV, once per
  /// process, and only if there is none; nothing is installed if false, or without guards.
  bool report_overflow = true;

  /// One OS thread more makes stacks before they are needed, while a crowd is being started: a thousand
  /// vthreads are there, and no stacks that were used before are left. It pays for half of their page
  /// faults, on another CPU if there is one, so 1,000,000 that never were there before start twice as
  /// fast. It is started when it is needed first, runs no vthreads, sleeps when some are ready (4 MiB
  /// at most), and ends with the Scheduler. Where it cannot be started, carriers go on alone. Also with
  /// Drive::calling_thread. Off by default: there is no OS thread that was not asked for.
  bool prepare_stacks = false;

  /// How often, at most, stacks that were not needed since the last time give their memory back to the
  /// kernel, all but a few hundred; always at a moment when all carriers are idle. Work that comes in bursts
  /// keeps what its bursts need if they are closer together.
  std::chrono::nanoseconds trim_every = std::chrono::seconds(2);

  enum class Poller {
    epoll,     ///< works everywhere
    io_uring,  ///< Linux 5.19 or later; there regular files do not hold a carrier either
  };

  /// How descriptors are waited for (docs/vthreads/io.md). Never replaced by the other: if the kernel
  /// refuses, the Scheduler's constructor throws std::system_error that says what was refused.
  Poller poller = Poller::epoll;

  /// With how many slots the ring of each carrier's run queue begins; it doubles when it is full. A
  /// power of two from 2 to kMaxRunQueueSlots, anything else is refused.
  std::uint32_t run_queue_slots = 256;

  /// Decides in which order a carrier tries others when it looks for work to steal, and the order of
  /// `shuffle`; the same seed gives the same order.
  std::uint64_t seed = 0;

  /// For tests: each carrier runs next any vthread of its run queue, chosen at random by `seed`, and not
  /// the oldest. With Drive::calling_thread the order depends on the seed and on what comes from
  /// outside (deadlines, descriptors, other threads) alone, so that a run can be repeated. Slower;
  /// costs nothing when off.
  bool shuffle = false;

  /// Records (32 bytes each) that the event log of each carrier holds until they are read; 0: no log.
  /// Rounded up to a power of two; memory is touched when written. Refused: more than kMaxEventRecords.
  /// See event_log.h.
  std::size_t event_log = 0;

  /// How to start the OS thread of a carrier; must run the function it is given on the thread it
  /// returns. Empty: std::thread. Called in the constructor of the Scheduler on the caller's thread,
  /// and later, one call at a time, on any thread (a carrier with a vthread mounted included) for
  /// spare carriers; with Kind::gmp once in the constructor, and later for each further one. What it
  /// throws comes out of the constructor; later it means that there is no thread to be had.
  std::function<std::thread(std::function<void()>)> start_carrier;

  /// The same for the one thread that watches the carriers with Kind::gmp (Go's sysmon) and runs no
  /// vthreads. Called once, in the constructor.
  std::function<std::thread(std::function<void()>)> start_monitor;
};

}  // namespace vthreads
