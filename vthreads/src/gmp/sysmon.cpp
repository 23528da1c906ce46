// sysmon.cpp — the system monitor: an OS thread without a P that sees to what busy Ms cannot.
//
//   retake   Ps whose M has been in a system call for at least one tick, if there is work for them
//            or no other P is idle; all others after 10 ms, so that they count as idle
//   slices   a P that has run on without a new time slice for 10 ms: what is in its next slot then must
//            go to the global queue. Nothing is preempted: it takes effect when the G gives up the P.
//   poller   if nobody has looked at it for 10 ms, because all Ms are busy
//   stacks   that nobody needs, while all Ps are idle: their memory goes back (stack_trimmer.h)
//   timers   of a P whose G keeps it busy: deadlines that are late by 1 ms
//
// It sleeps 20 µs at a time; after 50 ticks with nothing to retake twice as long each time, up to 10 ms.
// While all Ps are idle too, and at the end it sleeps until an M acquires a P: so a process in which all
// Gs wait uses no CPU time. (Go lets it sleep as soon as all Ps are idle. Then each event of a lightly
// loaded server costs one more wake-up.)
#include <algorithm>
#include <chrono>

#include "event_log/note.h"
#include "futex.h"
#include "gmp/gmp_scheduler.h"

namespace vthreads::detail::gmp {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds kFirstTick = 20us, kLastTick = 10ms;
constexpr unsigned kQuietTicks = 50;
constexpr auto kSlice = 10ms, kUnpolledTooLong = 10ms, kIdleSyscall = 10ms, kLate = 1ms;

}  // namespace

void GmpScheduler::sysmon() {
  std::vector<Sighting> sightings(ps_.size());
  std::chrono::nanoseconds tick = kFirstTick;
  unsigned quiet_ticks = 0;
  while (!stopping_.load(std::memory_order_seq_cst)) {
    futex_wait(sysmon_note_, 0U, std::chrono::steady_clock::now() + tick);
    if (idle_p_count_.load(std::memory_order_seq_cst) == ps_.size()) {
      if (tick == kLastTick && sysmon_sleeps_deeply()) {
        tick = kFirstTick;
        quiet_ticks = 0;
      } else {
        tick = std::min(2 * tick, kLastTick);
      }
      continue;
    }
    const Deadline now = std::chrono::steady_clock::now();
    VThreadList runnable;
    if (!polling_.load(std::memory_order_relaxed) &&
        last_poll_.load(std::memory_order_relaxed) + kUnpolledTooLong < now) {
      last_poll_.store(now, std::memory_order_relaxed);
      poller_.poll_now(runnable);
    }
    for (const auto& p : ps_) p->timers.expire(now - kLate, runnable);
    inject_all(std::move(runnable));
    bool retaken = false;
    for (const auto& p : ps_) retaken |= retake(*p, sightings[p->index], now);
    quiet_ticks = retaken ? 0 : quiet_ticks + 1;
    if (quiet_ticks == 0) tick = kFirstTick;
    if (quiet_ticks > kQuietTicks) tick = std::min(2 * tick, kLastTick);
  }
}

bool GmpScheduler::retake(P& p, Sighting& seen, Deadline now) {
  const P::Status status = p.status.load(std::memory_order_seq_cst);
  if (status == P::Status::idle) return false;
  if (const std::uint32_t slice = p.sched_tick.load(std::memory_order_relaxed);
      slice != seen.sched_tick) {
    seen.sched_tick = slice;
    seen.sched_since = now;
  } else if (seen.sched_since + kSlice <= now) {
    p.slice_is_over.store(true, std::memory_order_relaxed);
    seen.sched_since = now;
  }
  if (status != P::Status::syscall) return false;
  if (const std::uint32_t call = p.syscall_tick.load(std::memory_order_relaxed);
      call != seen.syscall_tick) {
    seen.syscall_tick = call;
    seen.syscall_since = now;
    return false;
  }
  const bool others_can = spinning_.load(std::memory_order_seq_cst) != 0 ||
                          idle_p_count_.load(std::memory_order_seq_cst) != 0;
  if (p.queue.empty() && others_can && now < seen.syscall_since + kIdleSyscall) return false;
  if (!p.change(P::Status::syscall, P::Status::idle)) return false;
  handoffs_.fetch_add(1, std::memory_order_relaxed);
  note_hand_off(*this, p.index, kNoCarrier, HandOffReason::retaken);
  hand_off_p(p);
  return true;
}

// Until an M acquires a P, there are stacks to spare, or all is to end. False if a P is busy.
bool GmpScheduler::sysmon_sleeps_deeply() {
  {
    const Lock lock(lock_);
    if (idle_ps_.size() != ps_.size()) return false;
    sysmon_note_.store(1, std::memory_order_seq_cst);
  }
  while (!stopping_.load(std::memory_order_seq_cst) &&
         sysmon_note_.load(std::memory_order_seq_cst) != 0) {
    const Deadline trim_at = trimmer_.when();
    futex_wait(sysmon_note_, 1U, trim_at);
    if (trim_at != kNever)
      trimmer_.trim([this] { return sysmon_note_.load(std::memory_order_seq_cst) != 0; });
  }
  sysmon_note_.store(0, std::memory_order_seq_cst);
  return true;
}

void GmpScheduler::wake_sysmon() {
  sysmon_note_.exchange(0, std::memory_order_seq_cst);
  futex_wake(sysmon_note_);
}

}  // namespace vthreads::detail::gmp
