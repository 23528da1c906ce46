// note.h — the places where something happens say so here: a USDT probe, and a record if the log is on.
//
// Rule      With the log off a note is one test of what its caller has at hand, and nops. Whatever
//           takes time is in note.cpp, out of line.
// Rule      A note comes before the store that lets others act on what it tells (event_log.h).
// Threads   About a vthread: who owns it just then (the table in vthread.h). About a carrier: itself.
#pragma once

#include "carrier.h"
#include "event_log/event_logs.h"
#include "usdt.h"

namespace vthreads::detail {

/// With a log only.
void log_switch(Carrier& carrier, const ControlBlock* left, Carrier::After after,
                const ControlBlock* next);
void log_start(const ControlBlock& vthread);

/// The mounted vthread begins to wait. Recorded with the switch that follows.
inline void note_park(ControlBlock& self) {
  // As if it were not atomic, so that the probe says where it is in memory.
  auto& reason = reinterpret_cast<std::uint8_t&>(self.wait_reason);
  VTHREADS_PROBE_MEMORY(reason);
  VTHREADS_PROBE2(park, self.id, reason);
}

/// `left` gives way to `next`; nullptr: the carrier's loop. `after` is in memory. Probes only: log_switch() makes the records.
inline void note_switch(const ControlBlock* left, Carrier::After& after, const ControlBlock* next) {
  if (left != nullptr) {
    VTHREADS_PROBE_MEMORY(after);
    VTHREADS_PROBE2(unmount, left->id, static_cast<std::uint8_t>(after));
  }
  if (next != nullptr) VTHREADS_PROBE1(mount, next->id);
}

/// Its body has returned. Recorded with the switch that follows.
inline void note_done([[maybe_unused]] const ControlBlock& self) {
  VTHREADS_PROBE1(done, self.id);
}

inline void note_start(const ControlBlock& vthread) {
  VTHREADS_PROBE1(start, vthread.id);
  if (vthread.is_logged()) [[unlikely]]
    log_start(vthread);
}

/// A signal to a thread that is not parked. Made before the step, because after it the thread may be gone; told
/// after it, because only then it is known what it was. (For who is parked: note_unpark(), thread_core.h.)
class SignalNote {
 public:
  explicit SignalNote(const ThreadCore& thread);
  void tell(Origin by) const;

 private:
  const std::uint64_t id_;
  EventLogs* const log_;
  const std::uint64_t ns_;
};

// What follows is dear in itself: no need to be short.

/// By the mounted vthread, of itself.
void note_pin_wait(const ControlBlock& self);
void note_pin_resume(const ControlBlock& self);
void note_blocking_enter(const ControlBlock& self);
void note_blocking_exit(const ControlBlock& self);

/// By the carrier, of itself.
void note_steal(Carrier& carrier, unsigned victim, std::uint32_t count);
void note_compensate(Carrier& carrier, const Carrier& spare, SpareReason reason);
void note_carrier_start(Carrier& carrier);
void note_carrier_stop(Carrier& carrier);
void note_carrier_sleep(Carrier& carrier, SleepPlace place);
void note_carrier_wake(Carrier& carrier);

/// By anybody: gmp's P goes to that carrier.
void note_hand_off(const SchedulerCore& scheduler, unsigned p, unsigned to, HandOffReason reason);

}  // namespace vthreads::detail
