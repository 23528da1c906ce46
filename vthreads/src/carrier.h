// carrier.h — one OS thread that runs vthreads: mount, switch, and what is left to do after a switch.
//
// Owns      the continuation of its own loop, a few free stacks, its counters. What it runs next is
//           decided by its scheduler's kind of carrier (pick, find).
// Rule      A vthread that gives up its carrier picks its successor and switches to it directly;
//           only if there is none it goes back to the carrier's loop, which looks everywhere and sleeps.
// Rule      What a vthread leaves behind (parked published, yielded to the tail, done joined) is
//           settled by whoever runs next on this carrier, because only then the vthread's stack is at
//           rest. So every place where a switch can arrive begins with settle().
// Rule      leave, yield, end and settle are inline (carrier_switch.h).
// Threads   The carrier's own thread, except counters (relaxed reads by anybody).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "stealing/run_queue.h"
#include "timers.h"
#include "vthread.h"
#include "vthread_list.h"

namespace vthreads::detail {

class EventRing;

/// A number that one carrier counts and anybody may read, without synchronisation.
class Counter {
 public:
  void add(std::uint64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t read() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Carrier {
 public:
  // As UnmountReason.
  enum class After : std::uint8_t { park, yield, done, done_and_told, requeue };

  Carrier(SchedulerCore& scheduler, unsigned index, std::uint32_t run_queue_slots);

  /// For kinds whose run queues are not the carriers': every push is a put(), every pick a
  /// look_around().
  struct QueuesElsewhere {};
  Carrier(SchedulerCore& scheduler, unsigned index, QueuesElsewhere);

  virtual ~Carrier() = default;
  Carrier(const Carrier&) = delete;
  Carrier& operator=(const Carrier&) = delete;

  /// Runs vthreads on the calling OS thread until the scheduler has no more for it.
  void run();

  /// On the mounted vthread: gives the carrier to another one. Returns when it is mounted again, maybe
  /// on another carrier.
  void leave(ControlBlock& self, After after);
  void yield(ControlBlock& self);

  /// On the mounted vthread, which is done. Returns in its control block's next life.
  void end(ControlBlock& self);

  /// First thing wherever a switch arrives: settles what the one before left behind.
  void settle();

  /// A fresh control block with an id, and back.
  ControlBlock& take_block() {
    if (free_ == nullptr) [[unlikely]]
      fetch_blocks();
    if (next_id_ == end_of_ids_) [[unlikely]]
      fetch_ids();
    ControlBlock& block = *std::exchange(free_, free_->next);
    __builtin_prefetch(free_);  // the next one; it may not have been used for long
    --free_count_;
    block.begin(next_id_++);
    return block;
  }
  void give_block(ControlBlock& block) {
    if (free_count_ == kMostFree) [[unlikely]]
      return_blocks(kMostFree / 2);
    block.next = std::exchange(free_, &block);
    ++free_count_;
  }

  /// Puts a runnable vthread where this carrier will find it; push_last(): after all others.
  void push(ControlBlock& vthread) {
    if (queues_elsewhere_) [[unlikely]]
      return put(vthread, false);
    queue.push(vthread);
  }
  void push_last(ControlBlock& vthread) {
    if (queues_elsewhere_) [[unlikely]]
      return put(vthread, true);
    queue.push(vthread);
  }

  /// By its vthread (blocking(), Pin): it does not look into its queue then.
  bool is_held() const { return mounted != nullptr && mounted->pins != 0; }

  /// Gives free blocks back to the pool, all but `keep`.
  void return_blocks(std::size_t keep);

  /// Where the deadlines of vthreads on this carrier go.
  virtual Timers& timers() = 0;

  SchedulerCore& scheduler;
  const unsigned index;
  int tid = 0;
  ControlBlock* mounted = nullptr;
  EventRing* const log;  // nullptr: off
  RunQueue queue;
  Counter started, finished, mounts, parks, steals;

 protected:
  // As in Go: a prime, so that it does not fall in step with a workload's own period.
  static constexpr int kLookAroundEvery = 61;

  // look_around() has found none because the carrier shall go back to its loop, also from a yield.
  bool gives_up_ = false;

  /// From now on every pick looks around.
  void always_look_around() { until_look_around_ = look_around_every_ = 1; }

  /// A runnable vthread that is at hand, after a look at everything that is not in the run queue;
  /// nullptr if there is none. Does not wait.
  virtual ControlBlock* look_around() = 0;

  /// The next vthread, whatever it takes; nullptr if the carrier shall stop. On the carrier's loop.
  virtual ControlBlock* find() = 0;

  /// push() and push_last() with QueuesElsewhere.
  virtual void put(ControlBlock& vthread, bool last);

 private:
  static constexpr std::size_t kFetch = 64;       // stacks that are fetched at once
  static constexpr std::size_t kMostFree = 4096;  // how many are kept; half is given back then
  static constexpr std::uint64_t kIdsAtOnce = 1024;

  void fetch_blocks();
  void fetch_ids();
  void yield_alone();
  ControlBlock* pick();
  Continuation& mount(ControlBlock* next);
  void switch_from(ControlBlock& self, After after, ControlBlock* next);
  [[gnu::cold, gnu::noinline]] void switch_logged(ControlBlock& self, After after,
                                                  ControlBlock* next);
  void switch_now(ControlBlock& self, After after, ControlBlock* next);
  void settle(ControlBlock& left);
  [[gnu::noinline]] void settle_signalled(ControlBlock& left);
  void requeue(ControlBlock& left);

  ControlBlock* left_ = nullptr;  // to be settled
  ExceptionState* exceptions_ = nullptr;
  After after_ = After::park;
  const bool queues_elsewhere_ = false;
  int look_around_every_ = kLookAroundEvery;
  int until_look_around_ = look_around_every_;
  int lonely_yields_ = 1;  // until one gives the CPU to other OS threads
  Continuation loop_;
  ControlBlock* free_ = nullptr;  // linked through ControlBlock::next, the one used last first
  std::size_t free_count_ = 0;
  std::uint64_t next_id_ = 0, end_of_ids_ = 0;
};

/// The carrier that the calling OS thread is; nullptr elsewhere. Read directly only in functions that are
/// not inlined and read it before they can switch: a compiler may keep the address of a thread-local, and
/// after a switch the vthread may be on another OS thread.
extern constinit thread_local Carrier* this_carrier;

/// The same for everybody else: never inlined.
[[gnu::noinline]] Carrier* current_carrier() noexcept;

/// `count` ids that nobody else has.
std::uint64_t take_ids(std::uint64_t count);

}  // namespace vthreads::detail
