// idle_set.h — which carriers look for work and which sleep, so that no runnable vthread is left
// waiting by all.
//
// Owns      nothing: the carriers are the scheduler's.
// Rule      Whoever makes a vthread runnable also makes sure that some carrier will look for it.
//
// A carrier without work is searching (counted), then idle. One idle carrier at most has the
// poller's role and sleeps in epoll_wait; the others sleep on a futex of their own.
//
//   maker     push; if nobody is searching and somebody is idle: take one carrier out of the set,
//             count it as searching, call it
//   carrier   join the set; stop counting as searching; look at every queue once more; sleep
//   finder    a searcher that found work stops counting; if it was the last one, it is a maker
//             for what is still queued
//
// Why nothing is lost: the push, the joining, the count and the looks are sequentially consistent,
// so of a maker that reads "nobody idle" and a carrier that joins afterwards, the carrier sees the
// push. A maker that reads "somebody is searching" relies on that searcher: it will either find
// nothing, and then look at every queue after it has stopped counting, or find something, and then
// look, if it was the last one, as the finder. A carrier is counted as searching in the same
// critical section that takes it out of the set, so the count never speaks for a carrier that will
// not look.
//
// The poller's role is given up by the carrier itself after it has left epoll_wait, never by who
// wakes it: so at most one carrier at a time reads the eventfd that wakes it. A carrier that gives
// up the role is searching at that moment and, if it then finds work while others sleep, wakes one
// as the finder; that one will take the role.
//
// A call that arrives after the carrier has woken for another reason makes its next sleep return at
// once. One wake-up too many is allowed, one too few is not.
//
// Threads   join, leave, start_searching, stop_searching: the carrier itself. Everything else:
//           anybody.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

namespace vthreads::detail {

class Carrier;

class IdleSet {
 public:
  enum class Role { sleeper, poller };

  void start_searching() { searching_.fetch_add(1, std::memory_order_seq_cst); }

  /// True if nobody else is searching: then the caller must look whether somebody should.
  bool stop_searching() { return searching_.fetch_sub(1, std::memory_order_seq_cst) == 1; }

  /// The caller becomes idle, and the poller if nobody is.
  Role join(Carrier& carrier);

  /// The caller is idle no more, and counts as searching.
  void leave(Carrier& carrier, Role role);

  struct Woken {
    Carrier* carrier = nullptr;  // nobody if nullptr
    Role role = Role::sleeper;
  };

  /// Takes an idle carrier out and counts it as searching, unless somebody is searching already;
  /// the caller must call it. The poller only if there is nobody else.
  Woken take_one();

  /// The same for every idle carrier, one after the other, whoever is searching.
  Woken take_any();

  /// Whether carriers sleep and none of them would notice readiness and deadlines.
  bool nobody_polls() const {
    return idle_.load(std::memory_order_seq_cst) != 0 && !has_poller_.load();
  }

 private:
  Woken take(const std::lock_guard<std::mutex>&);

  std::mutex mutex_;
  std::vector<Carrier*> sleepers_;
  Carrier* poller_ = nullptr;    // who has the role
  bool poller_is_idle_ = false;  // false once it has been taken out, until it gives up the role
  std::atomic<std::uint32_t> idle_{0};  // sleepers, and the poller if idle
  std::atomic<bool> has_poller_{false};
  alignas(64) std::atomic<std::uint32_t> searching_{0};
};

}  // namespace vthreads::detail
