// start_stop.cpp — Ms and Ps come together and part: start_m, stop_m, wake_p, hand_off_p.
#include <exception>
#include <utility>

#include "event_log/note.h"
#include "futex.h"
#include "gmp/gmp_scheduler.h"

namespace vthreads::detail::gmp {

// After work was made: one more M shall look for it, unless one is looking already, because that one
// will wake the next when it finds some.
void GmpScheduler::wake_p() {
  if (idle_p_count_.load(std::memory_order_seq_cst) == 0 ||
      spinning_.load(std::memory_order_seq_cst) != 0)
    return;
  unsigned none = 0;
  if (!spinning_.compare_exchange_strong(none, 1, std::memory_order_seq_cst)) return;
  if (P* const p = take_idle_p_to_spin()) return start_m(*p, true);
  spinning_.fetch_sub(1, std::memory_order_seq_cst);
}

// --- Ms ------------------------------------------------------------------------------------------

// The caller has the P, which is in no list; if spinning, it has counted that already. If there is no M
// to be had, the P goes to the idle ones, and what it has queued to the global queue. Both happens
// under the lock under which Ms stop: so whoever stops later sees it (stop_m), and whoever is in the
// poller, or on its way there, is called back.
void GmpScheduler::start_m(P& p, bool spinning) {
  for (bool may_grow = true;; may_grow = false) {
    M* m = nullptr;
    M* given_to = nullptr;
    {
      const Lock lock(lock_);
      if (!idle_ms_.empty()) {
        m = idle_ms_.back();  // the one that stopped last: its stack is still in the cache
        idle_ms_.pop_back();
      } else if (!may_grow) {
        if (spinning) spinning_.fetch_sub(1, std::memory_order_seq_cst);
        global_.append(p.queue.take_all());
        global_count_.store(global_.size(), std::memory_order_seq_cst);
        given_to = put_idle_p(p);
      }
    }
    if (m != nullptr) {
      m->next_p = &p;
      m->spinning = spinning;
      note_hand_off(*this, p.index, m->index, HandOffReason::called);
      return m->wake();
    }
    if (!may_grow) {
      p_became_idle(given_to);
      return poller_.call_back();
    }
    if (start_new_m(p, spinning)) return;
  }
}

bool GmpScheduler::start_new_m(P& p, bool spinning) {
  const std::lock_guard growing(growing_);
  if (stopping_.load(std::memory_order_seq_cst)) return false;
  M* m = nullptr;
  try {
    m = new_m();
    if (m == nullptr) return false;
    m->next_p = &p;
    m->spinning = spinning;
    launch_m(*m);
    note_hand_off(*this, p.index, m->index, HandOffReason::started);
    return true;
  } catch (const std::exception&) {
    if (m == nullptr) return false;
    m->next_p = nullptr;
    m->spinning = false;
    unstarted_.push_back(m);
    return false;
  }
}

M* GmpScheduler::new_m() {
  if (!unstarted_.empty()) {
    M* const m = unstarted_.back();
    unstarted_.pop_back();
    return m;
  }
  const unsigned index = m_count_.load(std::memory_order_relaxed);
  if (index == most_ms_) return nullptr;
  unstarted_.reserve(index + 1);
  ms_[index] = std::make_unique<M>(*this, index, seed_);
  m_count_.store(index + 1, std::memory_order_release);
  return ms_[index].get();
}

void GmpScheduler::launch_m(M& m) {
  os_threads_.reserve(os_threads_.size() + 1);
  const auto body = [&m] { m.run(); };
  os_threads_.push_back(start_carrier_ ? start_carrier_(body) : std::thread(body));
  ms_started_.fetch_add(1, std::memory_order_relaxed);
}

// The M has no P. Sleeps until it is given one; false if it shall end. Does not sleep if there is work
// and a P for it.
bool GmpScheduler::stop_m(M& m) {
  if (m.next_p == nullptr) {  // else it is new, and was started with one
    P* p = nullptr;
    {
      const Lock lock(lock_);
      if (stopping_.load(std::memory_order_seq_cst)) return false;
      if (!global_.empty()) p = pop_idle_p();
      if (p == nullptr) idle_ms_.push_back(&m);
    }
    if (p != nullptr) {
      acquire_p(m, *p);
      return true;
    }
    m.sleep();
    if (m.next_p == nullptr) return false;
  }
  acquire_p(m, *std::exchange(m.next_p, nullptr));
  return true;
}

// --- Ps ------------------------------------------------------------------------------------------

void GmpScheduler::acquire_p(M& m, P& p) {
  p.status.store(P::Status::running, std::memory_order_seq_cst);
  m.p = &p;
  if (sysmon_note_.load(std::memory_order_seq_cst) != 0) wake_sysmon();
}

// The M has found nothing and gives up its P. It keeps it if there is a G in the global queue after
// all, which is returned; or if it must search first: nullptr then, and the M is spinning.
G* GmpScheduler::release_p(M& m) {
  P& p = *m.p;
  M* given_to = nullptr;
  {
    const Lock lock(lock_);
    if (G* const g = global_.pop_front()) {
      global_count_.store(global_.size(), std::memory_order_seq_cst);
      p.count_slice();
      return g;
    }
    if (!m.spinning && need_spinning_.load(std::memory_order_seq_cst)) {
      become_spinning(m);
      return nullptr;
    }
    m.p = nullptr;
    given_to = put_idle_p(p);
  }
  p_became_idle(given_to);
  return nullptr;
}

// The P was taken from an M in a system call. It goes to another M if there is anything to do for it:
// work, searching (if nobody does, and all other Ps are busy: there may soon be work), or, as the last
// busy one, waiting in the poller.
void GmpScheduler::hand_off_p(P& p) {
  if (!p.queue.empty() || global_count_.load(std::memory_order_seq_cst) != 0)
    return start_m(p, false);
  unsigned none = 0;
  if (idle_p_count_.load(std::memory_order_seq_cst) == 0 &&
      spinning_.compare_exchange_strong(none, 1, std::memory_order_seq_cst)) {
    need_spinning_.store(false, std::memory_order_seq_cst);
    return start_m(p, true);
  }
  M* given_to = nullptr;
  bool needed = false;
  {
    const Lock lock(lock_);
    const bool last = idle_ps_.size() + 1 == ps_.size();
    needed = !global_.empty() ||
             (last && !polling_.load(std::memory_order_seq_cst) && !poller_.nobody_waits());
    if (!needed) given_to = put_idle_p(p);
  }
  if (needed) return start_m(p, false);
  p_became_idle(given_to);
  wake_net_poller(p.timers.earliest());
}

void GmpScheduler::give_p_to_locked_m(M& m) {
  M* locked = nullptr;
  {
    const Lock lock(lock_);
    locked = pop_locked_m();
  }
  if (locked == nullptr) return;
  locked->next_p = std::exchange(m.p, nullptr);
  wake_locked(*locked);
  if (m.spinning) reset_spinning(m);
}

// With the lock. Returns the locked M that has got the P instead, and must be told.
M* GmpScheduler::put_idle_p(P& p) {
  p.status.store(P::Status::idle, std::memory_order_seq_cst);
  if (M* const locked = pop_locked_m()) {
    locked->next_p = &p;
    return locked;
  }
  idle_ps_.push_back(&p);
  idle_p_count_.store(static_cast<unsigned>(idle_ps_.size()), std::memory_order_seq_cst);
  return nullptr;
}

// It has a P again.
void GmpScheduler::wake_locked(M& m) {
  note_hand_off(*this, m.next_p->index, m.index, HandOffReason::pinned);
  m.wake();
}

// Without the lock, after put_idle_p().
void GmpScheduler::p_became_idle(M* given_to) {
  if (given_to != nullptr) return wake_locked(*given_to);
  if (!draining_.load(std::memory_order_seq_cst)) return;
  drained_.fetch_add(1, std::memory_order_seq_cst);
  futex_wake(drained_);
}

// With the lock; nullptr if there is none.
M* GmpScheduler::pop_locked_m() {
  if (locked_ms_.empty()) return nullptr;
  M* const m = locked_ms_.front();
  locked_ms_.erase(locked_ms_.begin());
  locked_m_count_.store(static_cast<unsigned>(locked_ms_.size()), std::memory_order_relaxed);
  return m;
}

// With the lock; nullptr if there is none.
P* GmpScheduler::pop_idle_p() {
  if (idle_ps_.empty()) return nullptr;
  P* const p = idle_ps_.back();
  idle_ps_.pop_back();
  idle_p_count_.store(static_cast<unsigned>(idle_ps_.size()), std::memory_order_seq_cst);
  return p;
}

P* GmpScheduler::take_idle_p() {
  const Lock lock(lock_);
  return pop_idle_p();
}

// For who knows of work. If there is none, an M that is about to give one up must hear of it.
P* GmpScheduler::take_idle_p_to_spin() {
  const Lock lock(lock_);
  P* const p = pop_idle_p();
  if (p == nullptr) need_spinning_.store(true, std::memory_order_seq_cst);
  return p;
}

// A P with this earliest deadline has become idle: whoever waits in the poller must not wait longer.
void GmpScheduler::wake_net_poller(Deadline when) {
  if (when == kNever) return;
  if (!polling_.load(std::memory_order_seq_cst)) return wake_p();
  if (when < poll_until_.load(std::memory_order_seq_cst)) poller_.call_back();
}

}  // namespace vthreads::detail::gmp
