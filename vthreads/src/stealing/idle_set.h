// idle_set.h — which carriers are awake and which sleep, so that no runnable vthread is left waiting
// by all.
//
// Waking a thread on another CPU is dear: some 14 µs of the waker's time where this was measured, as
// much as a thousand switches between vthreads. So the rule is to wake nobody for work that an awake
// carrier will come to anyway:
//
//   Rule 1   Who makes a vthread runnable on a carrier puts it into that carrier's run queue, and wakes
//            nobody: the carrier is awake, and looks there before it sleeps.
//   Rule 2   Who does so from outside puts it into the inject queue and, only if no carrier is awake,
//            wakes one. A carrier that falls asleep first counts itself out and then looks into the
//            inject queue once more. Count and queue are sequentially consistent, so one of the two
//            sees the other.
//   Rule 3   An awake carrier may be held up by a vthread that does not give it up. So while any carrier
//            is awake, one of the idle ones is the *watch*: it sleeps with a timeout, and takes work
//            over that would wait for longer than waking costs (StealingScheduler::is_late). It is
//            the last one to be woken for other work. When nobody has been awake for a while it
//            sleeps without timeout (deep), and who becomes awake first wakes it.
//
// One idle carrier at most is the *poller*: it sleeps in the poller until a descriptor is ready; the
// others sleep on a futex of their own, each until the earliest deadline of its own timers. The
// poller's role is given up by the carrier itself after it has left the poller, never by who wakes it.
//
// A call that arrives after the carrier has woken for another reason makes its next sleep return at
// once. One wake-up too many is allowed, one too few is not. Checked exhaustively in tests/model.
//
// Owns      nothing: the carriers are the scheduler's.
// Rejected  Waking an idle carrier for each new vthread, unless somebody searches already (Go, and the
//           first version here): each event of a lightly loaded server then costs two wake-ups.
// Threads   join, leave, roles: the carrier itself. Everything else: anybody.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

namespace vthreads::detail {

class StealingCarrier;

class IdleSet {
 public:
  /// Carriers that are about to run count as awake.
  void add_awake() { awake_.fetch_add(1, std::memory_order_seq_cst); }
  void remove_awake() { awake_.fetch_sub(1, std::memory_order_seq_cst); }
  bool nobody_is_awake() const { return awake_.load(std::memory_order_seq_cst) == 0; }
  std::uint32_t awake() const { return awake_.load(std::memory_order_relaxed); }

  struct Roles {
    bool taken = false;  // called to work, and counted as awake
    bool polls = false;
    bool watches = false;
  };

  /// A carrier that must be called, if any.
  struct Call {
    StealingCarrier* carrier = nullptr;
    bool polls = false;
  };

  /// The caller is awake no more.
  void join(StealingCarrier& carrier);

  /// What the caller, who is in the set, shall do now.
  Roles roles(StealingCarrier& carrier);

  /// The caller is awake again. Who must be called: the watch, if it has changed or sleeps deeply.
  Call leave(StealingCarrier& carrier);

  /// Takes an idle carrier out if nobody is awake (or `even_so`), and counts it as awake.
  Call take_one(bool even_so = false);

  /// The watch says that it will sleep until called. False if somebody is awake: then it must not.
  bool watch_sleeps_deeply(StealingCarrier& carrier);

  /// By who has become awake without leaving the set (back from blocking): the watch, if it sleeps deeply.
  Call deep_watch();

  bool empty() const { return idle_.load(std::memory_order_seq_cst) == 0; }

 private:
  void choose_watch();
  Call call_of(StealingCarrier* carrier) const { return {carrier, carrier == poller_}; }

  std::mutex mutex_;
  std::vector<StealingCarrier*> idle_ones_;  // in order of joining
  StealingCarrier* poller_ = nullptr;
  StealingCarrier* watch_ = nullptr;
  std::atomic<std::uint32_t> idle_{0};
  std::atomic<bool> deep_{false};
  alignas(64) std::atomic<std::uint32_t> awake_{0};
};

}  // namespace vthreads::detail
