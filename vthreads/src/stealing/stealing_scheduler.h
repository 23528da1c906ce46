// stealing_scheduler.h — decides which carrier runs which vthread next: one run queue per carrier,
// stealing, compensation.
//
// Owns      the carriers and their OS threads, the inject queue, the idle set.
// Rule      Whoever makes a vthread runnable also makes sure that some carrier will look for it
//           (idle_set.h).
//
// A runnable vthread is in exactly one place:
//   run queue     made runnable by code on a carrier; that carrier pops, other carriers steal
//   inject queue  made runnable from outside (platform threads, other schedulers)
//
// What a carrier does for its next vthread, in this order:
//   its run queue · the inject queue (a fair share) · readiness and deadlines, without waiting ·
//   a little spinning · half of the run queue of another carrier where work waits too long · sleep
// Every 61st pick begins with readiness, deadlines and the inject queue.
//
// When it is too long  Moving work to another carrier costs a wake-up and cold caches, some 50 µs. So
//           a carrier helps another only if by Little's law (queue length × time per pick) what is
//           queued there waits longer than that. Two vthreads that play ping-pong stay together.
//
// Compensation  A vthread that says that it will hold its carrier (blocking(), Pin) takes that one out
//           of the count of those awake; if then nobody would look after what is queued, an idle
//           carrier is called, or a new one started, up to Config::max_carriers. Back from blocking
//           there may be more awake than wanted: the next to look around stands down, and sleeps
//           until it is needed again.
//
// `green` is this with one carrier, driven by the calling thread, and no compensation.
// Threads   inject, enter_blocking, exit_blocking, stats: anybody. The rest: the carrier given.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "forgotten.h"
#include "scheduler.h"
#include "stealing/idle_set.h"
#include "stealing/inject_queue.h"
#include "stealing/stealing_carrier.h"

namespace vthreads::detail {

class StealingScheduler final : public SchedulerCore {
 public:
  /// Errors: as Scheduler's constructor.
  explicit StealingScheduler(const Config& config);

  void run() override;
  Stats stats() const override;
  void inject(ControlBlock& vthread) override;
  bool is_driven() const override { return !by_calling_thread_ || running_.load(); }
  void enter_blocking(Carrier& carrier) override;
  void exit_blocking(ControlBlock& self) override;
  void stacks_to_spare() override { poller_.call_back(); }

  unsigned most_carriers() const { return most_carriers_; }
  bool shall_stop() const;
  bool is_injected() const { return !inject_.empty(); }
  bool is_surplus() const { return idle_.awake() > wanted_; }

  /// Whether it is worth while to look at what is not in the carrier's run queue.
  bool may_find_something(StealingCarrier& carrier) const {
    return is_surplus() || is_injected() || !poller_.nobody_waits() ||
           carrier.own_timers.earliest() != kNever;
  }

  /// One injected vthread to be mounted; up to `most` more go into the carrier's queue.
  ControlBlock* take_injected(StealingCarrier& carrier, std::size_t most);

  /// Puts those whose descriptors are ready or deadlines over into the carrier's queue. False if none.
  bool poll_now(StealingCarrier& carrier);

  /// Takes over work that waits too long elsewhere. False if there is none.
  bool steal(StealingCarrier& carrier);

  /// Sleeps until there may be work.
  void idle(StealingCarrier& carrier);

  /// The carrier is one too many: gives away what it has.
  void stand_down(StealingCarrier& carrier);

 private:
  ~StealingScheduler() override = default;

  void drain_and_stop() override;
  void start_carriers(const Config& config);
  void start_carrier(StealingCarrier& carrier);
  StealingCarrier* add_carrier();
  void start_spare(Carrier& for_whom);
  void stop_carriers();
  std::uint64_t alive() const;
  bool has_deadlines() const;
  void tell_drain();

  bool is_late(StealingCarrier& observer, const StealingCarrier& other, Deadline now) const;
  Deadline wake_up_time(const StealingCarrier& carrier) const;
  void expire(StealingCarrier& carrier, bool watches, VThreadList& runnable);
  void call(const IdleSet::Call& call);

  template <class Function>
  void for_carriers(Function function) const {
    const unsigned count = carrier_count_.load(std::memory_order_acquire);
    for (unsigned i = 0; i < count; ++i) function(*carriers_[i]);
  }

  const bool by_calling_thread_;
  const unsigned wanted_;  // how many shall run vthreads at once
  const unsigned most_carriers_;
  const std::uint32_t run_queue_slots_;
  const std::uint64_t seed_;
  const bool shuffle_;
  const std::function<std::thread(std::function<void()>)> start_carrier_;
  const std::unique_ptr<std::unique_ptr<StealingCarrier>[]> carriers_;
  std::atomic<unsigned> carrier_count_{0};
  std::mutex growing_;  // guards what follows, and additions to carriers_
  std::vector<std::thread> os_threads_;

  InjectQueue inject_;
  IdleSet idle_;
  Forgotten forgotten_{stacks_};
  std::atomic<bool> draining_{false};
  std::atomic<std::uint32_t> drained_{0};  // counts up when carriers fall asleep while draining_
  std::atomic<bool> stopping_{false};
  std::atomic<bool> running_{false};  // calling_thread: somebody is in run()
};

}  // namespace vthreads::detail
