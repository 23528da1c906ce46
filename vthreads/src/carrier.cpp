#include "carrier.h"

#include <unistd.h>

#include <utility>

#include "scheduler.h"

namespace vthreads::detail {
namespace {

thread_local Carrier* this_carrier = nullptr;

std::atomic<std::uint64_t> next_id{1};

}  // namespace

Carrier* current_carrier() noexcept {
  return this_carrier;
}

ControlBlock* current_vthread() noexcept {
  const Carrier* const carrier = current_carrier();
  return carrier == nullptr ? nullptr : carrier->mounted;
}

std::uint64_t take_ids(std::uint64_t count) {
  return next_id.fetch_add(count, std::memory_order_relaxed);
}

Carrier::Carrier(SchedulerCore& owner, unsigned number, std::uint32_t run_queue_slots)
    : scheduler(owner), index(number), queue(run_queue_slots) {}

void Carrier::run() {
  tid = ::gettid();
  exceptions_ = &exception_state_of_os_thread();
  loop_.adopt_os_thread();
  Carrier* const outer = std::exchange(this_carrier, this);
  while (ControlBlock* const vthread = find()) {
    loop_.switch_to(mount(vthread), *exceptions_);
    settle();
  }
  this_carrier = outer;
  while (free_ != nullptr) scheduler.stacks().release(*std::exchange(free_, free_->next));
  free_count_ = 0;
}

inline Continuation& Carrier::mount(ControlBlock* next) {
  mounted = next;
  if (next == nullptr) return loop_;
  next->change(State::running);
  next->carrier = this;
  mounts.add(1);
  return next->continuation;
}

void Carrier::switch_from(ControlBlock& self, After after, ControlBlock* next) {
  left_ = &self;
  after_ = after;
  self.continuation.switch_to(mount(next), *exceptions_);
  self.carrier->settle();
}

// Who waits to join it runs next, if nobody else is waiting for the carrier.
void Carrier::end(ControlBlock& self) {
  if (ControlBlock* const next = pick()) return switch_from(self, After::done, next);
  ControlBlock* const joiner = self.wake_joiner();
  switch_from(self, joiner != nullptr ? After::done_and_told : After::done, joiner);
}

void Carrier::settle(ControlBlock& left) {
  switch (after_) {
    case After::yield:
      left.change(State::runnable);
      return push(left);
    case After::park: {
      left.change(State::parked);
      parks.add(1);
      Word none = Word::none;
      if (left.word.compare_exchange_strong(none, Word::parked, std::memory_order_acq_rel)) return;
      left.word.exchange(Word::none, std::memory_order_acq_rel);
      left.change(State::runnable);
      return push(left);
    }
    case After::done:
    case After::done_and_told:
      finished.add(1);
      return left.finish(after_ == After::done_and_told);
    case After::requeue:
      left.change(State::runnable);
      return scheduler.make_runnable(left);
  }
}

ControlBlock& Carrier::take_block() {
  if (free_ == nullptr) {
    VThreadList fetched = scheduler.stacks().acquire(kBatch);
    free_count_ = fetched.size();
    free_ = fetched.pop_all();
  }
  if (next_id_ == end_of_ids_) {
    next_id_ = take_ids(kIdsAtOnce);
    end_of_ids_ = next_id_ + kIdsAtOnce;
  }
  ControlBlock& block = *std::exchange(free_, free_->next);
  --free_count_;
  block.begin(next_id_++);
  return block;
}

void Carrier::give_block(ControlBlock& block) {
  if (free_count_ >= 2 * kBatch) {
    VThreadList surplus;
    for (; free_count_ > kBatch; --free_count_)
      surplus.push_back(*std::exchange(free_, free_->next));
    scheduler.stacks().release(std::move(surplus));
  }
  block.next = std::exchange(free_, &block);
  ++free_count_;
}

}  // namespace vthreads::detail
