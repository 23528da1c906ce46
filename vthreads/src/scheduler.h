// scheduler.h — what every kind of scheduler is to the rest of the library.
//
// Owns      the stacks, the poller and the event log. The kinds (stealing/, gmp/) own carriers and queues.
// Borrows   vthreads: their references own them, their stacks are the pool's.
// Lifetime  Lives until its Scheduler is gone and the last reference to a vthread has been dropped,
//           whichever is later: so an unpark may still be on its way through make_runnable() when
//           everything has finished.
// Threads   Everything may be called by anybody, unless it says otherwise.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "carrier.h"
#include "event_log/event_logs.h"
#include "poller.h"
#include "stack_pool.h"
#include "stack_trimmer.h"
#include "vthreads/vthreads.h"

namespace vthreads::detail {

// What a Config asks for, checked. Errors: std::invalid_argument.
unsigned carriers_of(const Config& config);
unsigned most_carriers_of(const Config& config);
std::uint32_t run_queue_slots_of(const Config& config);

class SchedulerCore {
 public:
  /// The kind that the Config asks for. Errors: as Scheduler's constructor.
  static SchedulerCore& make(const Config& config);

  SchedulerCore(const SchedulerCore&) = delete;
  SchedulerCore& operator=(const SchedulerCore&) = delete;

  /// Waits for all vthreads, stops the carriers, and deletes this as soon as nobody refers to a
  /// vthread of it.
  void retire();

  /// A control block whose body is to be set; then launch() or abandon().
  ControlBlock& prepare();
  void launch(ControlBlock& vthread);
  void abandon(ControlBlock& vthread);

  /// Takes back a control block that nobody refers to.
  void recycle(ControlBlock& vthread);

  virtual void run() = 0;
  virtual Stats stats() const = 0;

  /// Queues a vthread that the caller has made runnable, and sees to it that some carrier looks for
  /// it. The caller is a carrier, or holds a reference to a vthread of this scheduler.
  void make_runnable(ControlBlock& vthread) { make_runnable(vthread, here()); }

  /// The same by who has found out already: on which carrier of this scheduler it is, if any.
  void make_runnable(ControlBlock& vthread, Carrier* carrier) {
    if (carrier != nullptr && !carrier->is_held()) return carrier->push(vthread);
    inject(vthread);
  }

  /// The same from outside.
  virtual void inject(ControlBlock& vthread) = 0;

  /// Whether a vthread that is not running now can get on: false if this is Drive::calling_thread
  /// and nobody runs it.
  virtual bool is_driven() const = 0;

  /// By a carrier whose vthread is about to hold it.
  virtual void enter_blocking(Carrier& carrier) = 0;

  /// On that vthread, afterwards: it is running again when this returns; if it is not pinned (by more
  /// than blocking() itself), maybe on another carrier.
  virtual void exit_blocking(ControlBlock& self) = 0;

  /// By the pool, which is locked: there are more hot stacks than was asked for (more_hot_than()).
  virtual void stacks_to_spare() {}

  Poller& poller() { return poller_; }
  StackPool& stacks() { return stacks_; }

  /// nullptr: off.
  EventLogs* log() const { return log_.get(); }

 protected:
  SchedulerCore(const Config& config);
  virtual ~SchedulerCore() = default;

  /// By retire(): until no vthread is alive and all carriers have ended.
  virtual void drain_and_stop() = 0;

  /// The calling OS thread, if it is a carrier of this scheduler; else nullptr. See this_carrier.
  Carrier* here() const {
    Carrier* const carrier = this_carrier;
    return carrier != nullptr && &carrier->scheduler == this ? carrier : nullptr;
  }

  const std::unique_ptr<EventLogs> log_;
  StackPool stacks_;
  StackTrimmer trimmer_;
  Poller poller_;
  std::atomic<std::uint64_t> started_outside_{0};
};

}  // namespace vthreads::detail
