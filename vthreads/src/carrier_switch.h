// carrier_switch.h — how a vthread gives its carrier to the next one, compiled into each place where one
// does (continuation_switch.h tells why).
#pragma once

#include <utility>

#include "carrier.h"
#include "continuation_switch.h"
#include "event_log/note.h"

namespace vthreads::detail {

[[gnu::always_inline]] inline ControlBlock* Carrier::pick() {
  if (--until_look_around_ == 0) [[unlikely]] {
    until_look_around_ = look_around_every_;
    return look_around();
  }
  return queue.pop();
}

[[gnu::always_inline]] inline void Carrier::settle(ControlBlock& left) {
  if (after_ == After::yield) {
    left.change(State::runnable);
    return push_last(left);
  }
  if (after_ == After::park) {
    left.change(State::parked);
    parks.add(1);
    Word none = Word::none;
    if (left.word.compare_exchange_strong(none, Word::parked, std::memory_order_acq_rel)) return;
    return settle_signalled(left);
  }
  if (after_ == After::requeue) [[unlikely]]
    return requeue(left);
  finished.add(1);
  left.finish(after_ == After::done_and_told);
}

[[gnu::always_inline]] inline void Carrier::settle() {
  if (left_ != nullptr) settle(*std::exchange(left_, nullptr));
}

[[gnu::always_inline]] inline Continuation& Carrier::mount(ControlBlock* next) {
  mounted = next;
  if (next == nullptr) return loop_;
  next->change(State::running);
  next->carrier = this;
  mounts.add(1);
  return next->continuation;
}

// The log costs one test: with it everything is done out of line.
[[gnu::always_inline]] inline void Carrier::switch_from(ControlBlock& self, After after,
                                                        ControlBlock* next) {
  if (log != nullptr) [[unlikely]]
    return switch_logged(self, after, next);
  switch_now(self, after, next);
}

[[gnu::always_inline]] inline void Carrier::switch_now(ControlBlock& self, After after,
                                                       ControlBlock* next) {
  left_ = &self;
  after_ = after;
  note_switch(&self, after_, next);
  self.continuation.switch_to(mount(next), *exceptions_);
  self.carrier->settle();  // maybe another one
}

[[gnu::always_inline]] inline void Carrier::leave(ControlBlock& self, After after) {
  switch_from(self, after, pick());
}

[[gnu::always_inline]] inline void Carrier::yield(ControlBlock& self) {
  ControlBlock* const next = pick();
  if (next == nullptr && !gives_up_) return yield_alone();
  switch_from(self, After::yield, next);
}

// Who waits to join it runs next, if nobody else is waiting for the carrier.
[[gnu::always_inline]] inline void Carrier::end(ControlBlock& self) {
  note_done(self);
  After after = After::done;
  ControlBlock* next = pick();
  if (next == nullptr && !gives_up_) {
    next = self.wake_joiner();
    if (next != nullptr) after = After::done_and_told;
  }
  switch_from(self, after, next);
}

[[gnu::always_inline]] inline void ControlBlock::park() {
  change(State::parking);
  note_park(*this);
  carrier->leave(*this, Carrier::After::park);
}

[[gnu::always_inline]] inline bool ControlBlock::await(Deadline deadline, WaitReason reason) {
  if (take_event()) return true;
  wait_reason.store(reason, std::memory_order_relaxed);
  if (deadline != kNever || pins != 0) [[unlikely]]
    return await_otherwise(deadline);
  park();
  return true;
}

[[gnu::always_inline]] inline bool ThreadCore::await(Deadline deadline, WaitReason reason) {
  return is_vthread() ? static_cast<ControlBlock&>(*this).await(deadline, reason) : sleep(deadline);
}

}  // namespace vthreads::detail
