// syscall.cpp — what happens to the P of an M whose G is in a system call, in blocking(f) or pinned.
//
//   enter_syscall  the M keeps running the G, but its P is free for the taking (state syscall). That
//                  costs one store: most calls are short, and nobody takes it.
//   retake         sysmon takes it if the call lasts (sysmon.cpp), and hands it off to another M.
//   exit_syscall   the M takes its P back if it is still there; else any idle one; else the G goes to
//                  the global queue and the M stops. A pinned G cannot leave its M: then the M waits
//                  for a P, and the next M that looks for a G gives it its own.
#include <utility>

#include "carrier_switch.h"
#include "gmp/gmp_scheduler.h"

namespace vthreads::detail::gmp {

void GmpScheduler::enter_blocking(Carrier& carrier) {
  enter_syscall(static_cast<M&>(carrier));
}

void GmpScheduler::exit_blocking(G& g) {
  exit_syscall(static_cast<M&>(*g.carrier), g);
}

void GmpScheduler::enter_syscall(M& m) {
  P& p = *std::exchange(m.p, nullptr);
  m.old_p = &p;
  p.syscall_tick.store(p.syscall_tick.load(std::memory_order_relaxed) + 1,
                       std::memory_order_relaxed);
  p.status.store(P::Status::syscall, std::memory_order_seq_cst);
}

void GmpScheduler::exit_syscall(M& m, G& g) {
  if (!take_p_back(m)) {
    const std::uint16_t own_pins = g.state() == State::blocking ? 1 : 0;  // blocking() makes one
    if (g.pins == own_pins) return m.leave(g, Carrier::After::requeue);
    wait_for_p(m);
  }
  g.change(State::running);
}

// If its P is in state syscall again, that is because another M has left it since: all the same.
bool GmpScheduler::take_p_back(M& m) {
  P& old = *std::exchange(m.old_p, nullptr);
  if (old.change(P::Status::syscall, P::Status::running)) {
    m.p = &old;
    return true;
  }
  if (idle_p_count_.load(std::memory_order_seq_cst) == 0) return false;
  P* const idle = take_idle_p();
  if (idle == nullptr) return false;
  acquire_p(m, *idle);
  return true;
}

void GmpScheduler::wait_for_p(M& m) {
  P* p = nullptr;
  {
    const Lock lock(lock_);
    p = pop_idle_p();
    if (p == nullptr) {
      locked_ms_.push_back(&m);
      locked_m_count_.store(static_cast<unsigned>(locked_ms_.size()), std::memory_order_relaxed);
    }
  }
  if (p == nullptr) {
    m.sleep();
    p = std::exchange(m.next_p, nullptr);
  }
  acquire_p(m, *p);
}

}  // namespace vthreads::detail::gmp
