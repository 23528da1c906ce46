// gmp_scheduler.h — decides which M runs which G next, as Go's scheduler does (runtime/proc.go, 1.24).
//
//   G   a vthread                       as many as one likes
//   M   an OS thread ("machine")        started when needed, used again, at most max_carriers
//   P   the right to run Gs             exactly Config::carriers; an M needs one to run a G
//
// Owns      Ps, Ms and their OS threads, the global queue, sysmon.
// Rule      At most so many Gs run at once as there are Ps. An M whose G is in a system call has no
//           claim to its P: sysmon takes that back after a while and gives it to another M.
// Rule      Whoever makes a G runnable sees to it that some M will look for it.
//
// A runnable G is in exactly one place:
//   the next slot or ring of a P   made ready by a G on that P; a yield; what was stolen
//   the global queue               made ready from outside or without a P; what did not fit a ring
//
// What an M with a P does for its next G (schedule.cpp):
//   timers of its P · each 61st slice: global queue · next slot · ring · global queue · poller, without
//   waiting · the others, four times in random order, the last time with their timers and next slots ·
//   give up the P · look everywhere once more · wait in the poller, if nobody does and somebody has
//   to · stop until started again
//
// No work is left behind (start_stop.cpp, schedule.cpp):
//   submit   put the G into a queue; then, if there are idle Ps and no M is spinning, start one that
//            is (wake_p)
//   search   an M that finds its own P empty spins: it looks through all other Ps. At most half as
//            many as there are busy Ps do so. The last spinning M that finds something starts
//            another one (reset_spinning): so the load spreads, one M at a time.
//   give up  the M puts its P among the idle ones, then stops to be counted as spinning, then looks
//            into every queue once more, and takes a P again if there is anything.
//   Queue, count of idle Ps and count of spinning Ms are sequentially consistent. So either the
//   submitter sees the idle P and no spinning M, or the M sees the G on its second look. If the M
//   then finds no idle P, it sets need_spinning_, and the next M that would give up its P without
//   having searched must search first.
//
// Differences from Go are in docs/vthreads/gmp.md.
//
// Threads   inject, stats: anybody; "on an M": the thread of that M.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "forgotten.h"
#include "gmp/local_queue.h"
#include "gmp/m.h"
#include "gmp/p.h"
#include "scheduler.h"
#include "vthreads/detail/waiting.h"

namespace vthreads::detail::gmp {

class GmpScheduler final : public SchedulerCore {
 public:
  /// Errors: as Scheduler's constructor.
  explicit GmpScheduler(const Config& config);

  void run() override;
  Stats stats() const override;
  void inject(G& g) override;
  bool is_driven() const override { return true; }
  void enter_blocking(Carrier& carrier) override;
  void exit_blocking(G& g) override;
  void stacks_to_spare() override { wake_sysmon(); }

  // --- on an M -------------------------------------------------------------------------- schedule.cpp

  /// The next G, whatever it takes; nullptr if the M shall end. On the M's loop.
  G* schedule(M& m);

  /// The next G if there is one on the M's P, in the global queue or in the poller. Does not wait.
  G* next_at_hand(M& m);

  /// The G runs next on this P; or, put_last(), when all others there have had their turn.
  void ready(P& p, G& g);
  void put_last(P& p, G& g);

  /// Whether an M that must run a pinned G has no P: then the first M that can gives it one.
  bool locked_m_waits() const { return locked_m_count_.load(std::memory_order_relaxed) != 0; }

 private:
  using Lock = std::lock_guard<SpinLock>;

  ~GmpScheduler() override = default;

  // --- schedule.cpp
  G* find_runnable(M& m);
  G* steal_work(M& m);
  G* steal_from(M& m, P& victim, bool last_pass);
  G* take_global(P& p, bool one);
  G* net_poll(M& m);
  bool wait_in_poller(M& m);
  void tell_of_kept(P& p);
  void put_all(P& p, VThreadList gs);
  void inject_all(VThreadList gs);
  void check_timers(P& p);
  void expire_all_timers(VThreadList& runnable);
  Deadline earliest_deadline() const;
  bool may_spin(const M& m) const;
  void become_spinning(M& m);
  void reset_spinning(M& m);
  P* look_once_more();

  // --- start_stop.cpp
  void wake_p();
  void start_m(P& p, bool spinning);
  bool start_new_m(P& p, bool spinning);
  M* new_m();
  void launch_m(M& m);
  bool stop_m(M& m);
  void acquire_p(M& m, P& p);
  G* release_p(M& m);
  void hand_off_p(P& p);
  void give_p_to_locked_m(M& m);
  M* put_idle_p(P& p);
  M* pop_locked_m();
  P* pop_idle_p();
  P* take_idle_p();
  P* take_idle_p_to_spin();
  void wake_locked(M& m);
  void p_became_idle(M* given_to);
  void wake_net_poller(Deadline when);

  // --- syscall.cpp
  void enter_syscall(M& m);
  void exit_syscall(M& m, G& g);
  bool take_p_back(M& m);
  void wait_for_p(M& m);

  // --- sysmon.cpp
  void sysmon();
  struct Sighting {
    std::uint32_t sched_tick = 0, syscall_tick = 0;
    Deadline sched_since{}, syscall_since{};
  };
  bool retake(P& p, Sighting& seen, Deadline now);
  bool sysmon_sleeps_deeply();
  void wake_sysmon();

  // --- gmp_scheduler.cpp
  void drain_and_stop() override;
  void stop_all();
  bool is_quiet();
  std::uint64_t alive() const;

  template <class Function>
  void for_ms(Function function) const {
    const unsigned count = m_count_.load(std::memory_order_acquire);
    for (unsigned i = 0; i < count; ++i) function(*ms_[i]);
  }

  const unsigned most_ms_;
  const std::uint64_t seed_;
  const std::function<std::thread(std::function<void()>)> start_carrier_;
  std::vector<std::unique_ptr<P>> ps_;
  std::vector<std::uint32_t> strides_;  // coprime to the number of Ps: each visits them all

  // What lock_ guards; the counts are for a look without it.
  SpinLock lock_;
  VThreadList global_;
  std::vector<P*> idle_ps_;
  std::vector<M*> idle_ms_;
  std::vector<M*> locked_ms_;  // their G is pinned and back from a wait, but has no P; oldest first
  std::atomic<std::size_t> global_count_{0};
  std::atomic<unsigned> locked_m_count_{0};

  alignas(64) std::atomic<unsigned> idle_p_count_{0};
  std::atomic<unsigned> spinning_{0};
  std::atomic<bool> need_spinning_{false};

  // The poller: one M at a time waits there, without a P.
  std::atomic<bool> polling_{false};
  std::atomic<Deadline> poll_until_{kNever};  // kNever also while nobody is there
  std::atomic<Deadline> last_poll_{Deadline{}};

  const std::unique_ptr<std::unique_ptr<M>[]> ms_;
  std::atomic<unsigned> m_count_{0};
  std::atomic<unsigned> ms_started_{0};
  std::mutex growing_;         // guards additions to ms_, and:
  std::vector<M*> unstarted_;  // no OS thread was to be had
  std::vector<std::thread> os_threads_;

  std::atomic<std::uint32_t> sysmon_note_{0};  // 1: it sleeps until woken
  std::atomic<std::uint64_t> handoffs_{0};

  std::atomic<bool> draining_{false};
  Forgotten forgotten_{stacks_};
  std::atomic<std::uint32_t> drained_{0};  // counts up when a P becomes idle while draining_
  std::atomic<bool> stopping_{false};
};

}  // namespace vthreads::detail::gmp
