// schedule.cpp — from "this M needs a G" to the G: schedule, find_runnable, and where they look.
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "event_log/note.h"
#include "gmp/gmp_scheduler.h"

namespace vthreads::detail::gmp {
namespace {

// As in Go: a prime, so that it does not fall in step with a workload's own period.
constexpr unsigned kGlobalEvery = 61;

}  // namespace

G* GmpScheduler::schedule(M& m) {
  for (;;) {
    if (m.p == nullptr && !stop_m(m)) return nullptr;
    if (locked_m_waits()) {
      tell_of_kept(*m.p);
      give_p_to_locked_m(m);
      continue;
    }
    if (G* const g = find_runnable(m)) {
      tell_of_kept(*m.p);
      if (m.spinning) reset_spinning(m);
      return g;
    }
  }
}

// nullptr: the M has no P any more.
G* GmpScheduler::find_runnable(M& m) {
  for (;;) {
    if (G* const g = next_at_hand(m)) return g;
    if (may_spin(m)) {
      become_spinning(m);
      if (G* const g = steal_work(m)) return g;
    }
    if (G* const g = release_p(m)) return g;
    if (m.p != nullptr) continue;  // must spin first
    if (m.spinning) {
      m.spinning = false;
      spinning_.fetch_sub(1, std::memory_order_seq_cst);
      if (P* const p = look_once_more()) {
        acquire_p(m, *p);
        become_spinning(m);
        continue;
      }
    }
    m.return_blocks(StackTrimmer::kHotStacks);
    if (!wait_in_poller(m)) return nullptr;
  }
}

G* GmpScheduler::next_at_hand(M& m) {
  P& p = *m.p;
  check_timers(p);
  G* g = nullptr;
  // So that two Gs that make each other ready do not keep the P for ever. To the global queue, as with a
  // preempted G in Go: behind all those who wait there too.
  if (p.slice_is_over.load(std::memory_order_relaxed)) [[unlikely]] {
    p.slice_is_over.store(false, std::memory_order_relaxed);
    if (G* const next = p.queue.take_next()) inject(*next);
  }
  if (p.sched_tick.load(std::memory_order_relaxed) % kGlobalEvery == 0) g = take_global(p, true);
  if (g == nullptr) {
    if (G* const next = p.queue.take_next()) return next;  // in the slice of who made it ready
    g = p.queue.take();
  }
  if (g == nullptr) g = take_global(p, false);
  if (g == nullptr) g = net_poll(m);
  if (g != nullptr) {
    p.count_slice();
  } else if (++m.empty_looks % kGlobalEvery == 0) {
    ::sched_yield();  // somebody yields and yields, perhaps for the sake of an OS thread
  }
  return g;
}

// --- queues --------------------------------------------------------------------------------------

void GmpScheduler::ready(P& p, G& g) {
  if (G* const kicked_out = p.queue.put_next(g)) put_last(p, *kicked_out);
  wake_p();
}

void GmpScheduler::put_last(P& p, G& g) {
  while (!p.queue.put(g)) {
    VThreadList half = p.queue.take_half();
    if (half.empty()) continue;
    half.push_back(g);
    return inject_all(std::move(half));
  }
}

// One of them this M takes itself. If there is only one, nobody is woken: tell_of_kept() sees whether it did.
void GmpScheduler::put_all(P& p, VThreadList gs) {
  const bool one = gs.size() == 1 && p.queue.empty();
  while (G* const g = gs.pop_front()) put_last(p, *g);
  if (one) {
    p.kept_one = true;
    return;
  }
  p.queue.publish();
  wake_p();
}

// It may have found another G first, in the global queue, or must give its P away.
void GmpScheduler::tell_of_kept(P& p) {
  if (!std::exchange(p.kept_one, false) || p.queue.empty()) return;
  p.queue.publish();
  wake_p();
}

// A fair share of the global queue, or one of it: the first is returned, the rest put on the P.
G* GmpScheduler::take_global(P& p, bool one) {
  if (global_count_.load(std::memory_order_relaxed) == 0) return nullptr;
  VThreadList taken;
  {
    const Lock lock(lock_);
    const std::size_t share =
        std::min<std::size_t>(global_.size() / ps_.size() + 1, one ? 1 : p.queue.slots() / 2);
    while (taken.size() < share && !global_.empty()) taken.push_back(*global_.pop_front());
    global_count_.store(global_.size(), std::memory_order_seq_cst);
  }
  G* const first = taken.pop_front();
  while (G* const g = taken.pop_front()) put_last(p, *g);
  return first;
}

// --- the others ----------------------------------------------------------------------------------

// No more than half as many as are busy: they would find little, and cost CPU time.
bool GmpScheduler::may_spin(const M& m) const {
  const unsigned busy =
      static_cast<unsigned>(ps_.size()) - idle_p_count_.load(std::memory_order_relaxed);
  return m.spinning || 2 * spinning_.load(std::memory_order_relaxed) < busy;
}

void GmpScheduler::become_spinning(M& m) {
  if (m.spinning) return;
  m.spinning = true;
  spinning_.fetch_add(1, std::memory_order_seq_cst);
  need_spinning_.store(false, std::memory_order_seq_cst);
}

// It has found work. What was made ready while it was the only one to look relied on it: so another
// one must look now.
void GmpScheduler::reset_spinning(M& m) {
  m.spinning = false;
  spinning_.fetch_sub(1, std::memory_order_seq_cst);
  wake_p();
}

G* GmpScheduler::steal_work(M& m) {
  constexpr int kPasses = 4;
  const auto count = static_cast<std::uint32_t>(ps_.size());
  for (int pass = 0; pass < kPasses; ++pass) {
    const std::uint32_t stride = strides_[m.random() % strides_.size()];
    std::uint32_t at = m.random() % count;
    for (std::uint32_t i = 0; i < count; ++i, at = (at + stride) % count) {
      P& victim = *ps_[at];
      if (&victim == m.p) continue;
      if (G* const g = steal_from(m, victim, pass == kPasses - 1)) return g;
    }
  }
  return nullptr;
}

G* GmpScheduler::steal_from(M& m, P& victim, bool last_pass) {
  P& p = *m.p;
  if (last_pass && victim.timers.earliest() != kNever) {
    VThreadList runnable;
    victim.timers.expire(std::chrono::steady_clock::now(), runnable);
    if (!runnable.empty()) put_all(p, std::move(runnable));
  }
  G* g = p.queue.take();
  if (g == nullptr && victim.status.load(std::memory_order_relaxed) != P::Status::idle) {
    std::uint32_t taken = 0;
    g = p.queue.steal(victim.queue, last_pass, taken);
    if (taken != 0) {
      m.steals.add(taken);
      note_steal(m, victim.index, taken);
    }
  }
  if (g != nullptr) p.count_slice();
  return g;
}

// After the M has given up its P and is counted as spinning no more: a P if there is work after all.
P* GmpScheduler::look_once_more() {
  const bool work =
      global_count_.load(std::memory_order_seq_cst) != 0 ||
      std::any_of(ps_.begin(), ps_.end(), [](const auto& p) { return !p->queue.empty(); });
  return work ? take_idle_p_to_spin() : nullptr;
}

// --- poller and timers ---------------------------------------------------------------------------

// Equal to Go's rule: not while an M waits there, which would have been told already.
G* GmpScheduler::net_poll(M& m) {
  if (polling_.load(std::memory_order_relaxed)) return nullptr;
  VThreadList runnable;
  poller_.poll_now(runnable);
  if (runnable.empty()) return nullptr;
  put_all(*m.p, std::move(runnable));
  return m.p->queue.take();
}

void GmpScheduler::check_timers(P& p) {
  const Deadline earliest = p.timers.earliest();
  if (earliest == kNever) return;
  const Deadline now = std::chrono::steady_clock::now();
  if (earliest > now) return;
  VThreadList runnable;
  p.timers.expire(now, runnable);
  if (!runnable.empty()) put_all(p, std::move(runnable));
}

Deadline GmpScheduler::earliest_deadline() const {
  Deadline earliest = kNever;
  for (const auto& p : ps_) earliest = std::min(earliest, p->timers.earliest());
  return earliest;
}

void GmpScheduler::expire_all_timers(VThreadList& runnable) {
  if (earliest_deadline() == kNever) return;
  const Deadline now = std::chrono::steady_clock::now();
  for (const auto& p : ps_) p->timers.expire(now, runnable);
}

// The M has no P. One M waits until a descriptor is ready, the earliest deadline of all Ps has come, or
// it is called back; not if there is neither. True: it has a P again.
//
// An M that gives up its P later, with an earlier deadline, finds polling_ and calls back. It must not
// be misled by poll_until_ of another time: so that is kNever until set, and before polling_ ends.
//
// The end calls back once, and the M that was in the poller until then hears it. So who comes after that one
// looks whether it is the end only when the poller is its own: either it sees that, or the call is its own too.
bool GmpScheduler::wait_in_poller(M& m) {
  const Deadline until = earliest_deadline();
  if (until == kNever && poller_.nobody_waits()) return false;
  if (polling_.exchange(true, std::memory_order_seq_cst)) {
    if (until < poll_until_.load(std::memory_order_seq_cst)) poller_.call_back();
    return false;
  }
  poll_until_.store(until, std::memory_order_seq_cst);
  VThreadList runnable;
  if (!stopping_.load(std::memory_order_seq_cst)) {
    note_carrier_sleep(m, SleepPlace::poller);
    poller_.poll_until(until, runnable);
    note_carrier_wake(m);
  }
  expire_all_timers(runnable);
  last_poll_.store(std::chrono::steady_clock::now(), std::memory_order_relaxed);
  poll_until_.store(kNever, std::memory_order_seq_cst);
  polling_.store(false, std::memory_order_seq_cst);
  if (stopping_.load(std::memory_order_seq_cst)) return false;
  if (P* const p = take_idle_p()) {
    acquire_p(m, *p);
    if (!runnable.empty()) put_all(*p, std::move(runnable));
    return true;
  }
  inject_all(std::move(runnable));
  return false;
}

}  // namespace vthreads::detail::gmp
