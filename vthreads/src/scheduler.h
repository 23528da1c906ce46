// scheduler.h — decides which carrier runs which vthread next.
//
// Owns      the carriers and their OS threads, the inject queue, the idle set, the poller, the
//           timers, the stacks.
// Borrows   vthreads: their references own them, their stacks are the pool's.
// Rule      Whoever makes a vthread runnable also makes sure that some carrier will look for it
//           (idle_set.h).
// Lifetime  Lives until its Scheduler is gone and the last reference to a vthread has been dropped,
//           whichever is later: so an unpark may still be on its way through make_runnable() when
//           everything has finished.
//
// A runnable vthread is in exactly one place:
//   run queue     made runnable by code on a carrier; that carrier pops, other carriers steal
//   inject queue  made runnable from outside (platform threads, other schedulers), or the run
//                 queue was full
//
// What a carrier does for its next vthread, in this order:
//   its run queue · the inject queue (a fair share) · readiness and deadlines, without waiting ·
//   half of another carrier's run queue · sleep, as the poller or on its futex
// Every 61st pick begins with readiness, deadlines and the inject queue, so a busy run queue
// starves none of them. (61 as in Go: a prime, so that it does not fall in step with a workload's
// own period.)
//
// A vthread that yields, or whose park is over before it began, goes back to this carrier's queue
// without waking anybody: the carrier itself is about to look, and no more vthreads want to run
// than before.
//
// Rejected  Handing a vthread straight to an idle carrier: it may be stolen from the queue sooner
//           than that one wakes.
// Threads   make_runnable, start, release, stats: anybody. next, push_local, finish: a carrier of
//           this scheduler.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "carrier.h"
#include "idle_set.h"
#include "inject_queue.h"
#include "poller.h"
#include "stack_pool.h"
#include "timers.h"
#include "vthreads/vthreads.h"

namespace vthreads::detail {

class SchedulerCore {
 public:
  /// Errors: as Scheduler's constructor.
  explicit SchedulerCore(const Config& config);
  SchedulerCore(const SchedulerCore&) = delete;
  SchedulerCore& operator=(const SchedulerCore&) = delete;

  /// Waits for all vthreads, stops the carriers, and deletes this as soon as nobody refers to a
  /// vthread of it.
  void retire();

  VThread start(Body body);
  void run();
  void release(ControlBlock& vthread);
  Stats stats() const;

  /// Queues a vthread that the caller has made Runnable, and sees to it that some carrier looks for
  /// it. The caller is a carrier, or holds a reference to a vthread of this scheduler.
  void make_runnable(ControlBlock& vthread);

  /// On a vthread of this scheduler. Empty if the deadline came first.
  std::optional<Wake> park_until(ControlBlock& self, bool by_permit, Deadline deadline);

  /// Whether a vthread that is not running now can get on: false if this is Drive::calling_thread
  /// and nobody runs it.
  bool is_driven() const { return !by_calling_thread_ || running_.load(std::memory_order_acquire); }

  Poller& poller() { return poller_; }

  /// The next vthread for the carrier to mount; nullptr if the carrier shall stop.
  ControlBlock* next(Carrier& carrier);

  /// Queues a vthread on its own carrier without waking another.
  void push_local(Carrier& carrier, ControlBlock& vthread);

  /// Ends a vthread that is Done and unmounted.
  void finish(ControlBlock& vthread);

 private:
  static constexpr std::uint32_t kLookAroundEvery = 61;
  static constexpr Deadline kNotPolling = Deadline::min();

  ~SchedulerCore() = default;  // by retire() and release() only

  void start_carriers(const Config& config);
  void stop_carriers();
  bool shall_stop() const;

  ControlBlock* look_around(Carrier& carrier);
  ControlBlock* take_injected(Carrier& carrier, std::size_t most);
  ControlBlock* poll_now(Carrier& carrier);
  ControlBlock* steal(Carrier& carrier);
  void idle(Carrier& carrier);
  void poll_until_work(VThreadList& runnable);

  ControlBlock* first_of(Carrier& carrier, VThreadList vthreads);
  bool work_is_queued() const;
  void wake_one();
  void wake(const IdleSet::Woken& woken);

  const bool by_calling_thread_;
  std::vector<std::unique_ptr<Carrier>> carriers_;
  std::vector<std::thread> os_threads_;
  StackPool stacks_;
  InjectQueue inject_;
  IdleSet idle_;
  Poller poller_;
  Timers timers_;
  std::atomic<Deadline> polling_until_{kNotPolling};
  std::atomic<std::uint64_t> started_outside_{0};
  std::atomic<std::uint32_t> alive_{0};
  std::atomic<bool> draining_{false};  // the destructor waits for alive_ to become 0
  std::atomic<bool> stopping_{false};
  std::atomic<bool> running_{false};  // calling_thread: somebody is in run()
};

}  // namespace vthreads::detail
