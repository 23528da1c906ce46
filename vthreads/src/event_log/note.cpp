#include "event_log/note.h"

#include <unistd.h>

#include <array>

#include "scheduler.h"

namespace vthreads::detail {
namespace {

using enum EventKind;

// What log_switch writes: at most these, all with the same time.
class Together {
 public:
  void add(EventKind kind, const ControlBlock& vthread, std::uint8_t reason = 0) {
    events_[count_++] = {.ns = ns_, .vthread = vthread.id, .kind = kind, .reason = reason};
  }
  std::span<Event> all() { return {events_.data(), count_}; }

 private:
  const std::uint64_t ns_ = monotonic_ns();
  std::array<Event, 3> events_;
  std::size_t count_ = 0;
};

constexpr std::uint8_t number(auto reason) {
  return static_cast<std::uint8_t>(reason);
}

// The probes and the records say After as UnmountReason.
constexpr bool same(Carrier::After after, UnmountReason reason) {
  return number(after) == number(reason);
}
static_assert(same(Carrier::After::park, UnmountReason::park));
static_assert(same(Carrier::After::yield, UnmountReason::yield));
static_assert(same(Carrier::After::done, UnmountReason::done));
static_assert(same(Carrier::After::done_and_told, UnmountReason::done_to_joiner));
static_assert(same(Carrier::After::requeue, UnmountReason::blocking));

EventLogs& log_of(const ThreadCore& vthread) {
  return *static_cast<const ControlBlock&>(vthread).scheduler.log();
}

// Into the ring of the calling thread.
void log_here(EventLogs& log, Event event) {
  Carrier* const here = current_carrier();
  if (here != nullptr && here->scheduler.log() == &log) {
    here->log->write(event);
  } else {
    log.write_outside(event);
  }
}

void log_by(EventLogs& log, Event event, Origin by) {
  if (by.actor == Actor::caller) {
    const ControlBlock* const caller = current_vthread();
    by = caller != nullptr ? Origin{Actor::vthread, caller->id}
                           : Origin{Actor::platform_thread, static_cast<std::uint64_t>(::gettid())};
  }
  event.reason = number(by.actor);
  event.arg = by.arg;
  log_here(log, event);
}

void log_on(Carrier& carrier, Event event) {
  if (carrier.log == nullptr) return;
  event.ns = monotonic_ns();
  carrier.log->write(event);
}

void log_self(const ControlBlock& self, EventKind kind, WaitReason reason = {}) {
  log_on(*self.carrier, {.vthread = self.id, .kind = kind, .reason = number(reason)});
}

}  // namespace

void log_switch(Carrier& carrier, const ControlBlock* left, Carrier::After after,
                const ControlBlock* next) {
  Together together;
  if (left != nullptr) {
    if (after == Carrier::After::park)
      together.add(park, *left, number(left->wait_reason.load(std::memory_order_relaxed)));
    if (after == Carrier::After::done || after == Carrier::After::done_and_told)
      together.add(done, *left);
    together.add(unmount, *left, number(after));
  }
  if (next != nullptr) together.add(mount, *next);
  carrier.log->write(together.all());
}

void log_start(const ControlBlock& vthread) {
  log_by(log_of(vthread), {.ns = monotonic_ns(), .vthread = vthread.id, .kind = start}, {});
}

void log_unpark(const ThreadCore& vthread, Origin by) {
  log_by(log_of(vthread), {.ns = monotonic_ns(), .vthread = vthread.id, .kind = EventKind::unpark},
         by);
}

// Atomic, because the signal may be late, and the control block in its next life (thread_core.h).
SignalNote::SignalNote(const ThreadCore& thread)
    : id_(__atomic_load_n(&thread.id, __ATOMIC_RELAXED)),
      log_(thread.is_logged() ? &log_of(thread) : nullptr),
      ns_(log_ != nullptr ? monotonic_ns() : 0) {}

void SignalNote::tell(Origin by) const {
  VTHREADS_PROBE3(signal, id_, number(by.actor), by.arg);
  if (log_ != nullptr) log_by(*log_, {.ns = ns_, .vthread = id_, .kind = EventKind::signal}, by);
}

void note_pin_wait(const ControlBlock& self) {
  const WaitReason reason = self.wait_reason.load(std::memory_order_relaxed);
  VTHREADS_PROBE2(pin_wait, self.id, number(reason));
  log_self(self, pin_wait, reason);
}

void note_pin_resume(const ControlBlock& self) {
  VTHREADS_PROBE1(pin_resume, self.id);
  log_self(self, pin_resume);
}

void note_blocking_enter(const ControlBlock& self) {
  VTHREADS_PROBE1(blocking_enter, self.id);
  log_self(self, blocking_enter);
}

void note_blocking_exit(const ControlBlock& self) {
  VTHREADS_PROBE1(blocking_exit, self.id);
  log_self(self, blocking_exit);
}

void note_steal(Carrier& carrier, unsigned victim, std::uint32_t count) {
  VTHREADS_PROBE3(steal, carrier.index, victim, count);
  log_on(carrier, {.arg = count, .kind = steal, .peer = static_cast<std::uint16_t>(victim)});
}

void note_compensate(Carrier& carrier, const Carrier& spare, SpareReason reason) {
  VTHREADS_PROBE3(compensate, carrier.index, spare.index, number(reason));
  log_on(carrier, {.vthread = carrier.mounted != nullptr ? carrier.mounted->id : 0,
                   .kind = compensate,
                   .reason = number(reason),
                   .peer = static_cast<std::uint16_t>(spare.index)});
}

void note_carrier_start(Carrier& carrier) {
  VTHREADS_PROBE1(carrier_start, carrier.index);
  log_on(carrier, {.arg = static_cast<std::uint64_t>(carrier.tid), .kind = carrier_start});
}

void note_carrier_stop(Carrier& carrier) {
  VTHREADS_PROBE1(carrier_stop, carrier.index);
  log_on(carrier, {.kind = carrier_stop});
}

void note_carrier_sleep(Carrier& carrier, SleepPlace place) {
  VTHREADS_PROBE2(carrier_sleep, carrier.index, number(place));
  log_on(carrier, {.kind = carrier_sleep, .reason = number(place)});
}

void note_carrier_wake(Carrier& carrier) {
  VTHREADS_PROBE1(carrier_wake, carrier.index);
  log_on(carrier, {.kind = carrier_wake});
}

void note_hand_off(const SchedulerCore& scheduler, unsigned p, unsigned to, HandOffReason reason) {
  VTHREADS_PROBE3(hand_off, p, to, number(reason));
  if (scheduler.log() == nullptr) return;
  log_here(*scheduler.log(), {.ns = monotonic_ns(),
                              .arg = p,
                              .kind = hand_off,
                              .reason = number(reason),
                              .peer = static_cast<std::uint16_t>(to)});
}

}  // namespace vthreads::detail
