// carrier_switch.h — how a vthread gives its carrier to the next one, compiled into each place where one
// does (continuation_switch.h tells why).
#pragma once

#include <utility>

#include "carrier.h"
#include "continuation_switch.h"

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
    left.word.exchange(Word::none, std::memory_order_acq_rel);
    left.change(State::runnable);
    return push(left);
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

[[gnu::always_inline]] inline void Carrier::switch_from(ControlBlock& self, After after,
                                                        ControlBlock* next) {
  left_ = &self;
  after_ = after;
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
inline void Carrier::end(ControlBlock& self) {
  if (ControlBlock* const next = pick()) return switch_from(self, After::done, next);
  ControlBlock* const joiner = gives_up_ ? nullptr : self.wake_joiner();
  switch_from(self, joiner != nullptr ? After::done_and_told : After::done, joiner);
}

[[gnu::always_inline]] inline bool ControlBlock::await(Deadline deadline) {
  if (take_event()) return true;
  if (deadline != kNever || pins != 0) [[unlikely]]
    return await_otherwise(deadline);
  change(State::parking);
  carrier->leave(*this, Carrier::After::park);
  return true;
}

[[gnu::always_inline]] inline bool ThreadCore::await(Deadline deadline) {
  return is_vthread ? static_cast<ControlBlock&>(*this).await(deadline) : sleep(deadline);
}

}  // namespace vthreads::detail
