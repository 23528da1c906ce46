#include "carrier.h"

#include <sched.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "alternate_stack.h"
#include "carrier_switch.h"
#include "event_log/note.h"
#include "fatal.h"
#include "scheduler.h"

namespace vthreads::detail {
namespace {

std::atomic<std::uint64_t> next_id{1};

constexpr std::uint32_t kFewestRunQueueSlots = 2;

EventRing* add_ring(const SchedulerCore& scheduler, unsigned index) {
  EventLogs* const log = scheduler.log();
  return log == nullptr ? nullptr : &log->add_carrier(index);
}

}  // namespace

constinit thread_local Carrier* this_carrier = nullptr;

Carrier* current_carrier() noexcept {
  return this_carrier;
}

ControlBlock* current_vthread() noexcept {
  const Carrier* const carrier = this_carrier;
  return carrier == nullptr ? nullptr : carrier->mounted;
}

std::uint64_t take_ids(std::uint64_t count) {
  return next_id.fetch_add(count, std::memory_order_relaxed);
}

Carrier::Carrier(SchedulerCore& owner, unsigned number, std::uint32_t run_queue_slots)
    : scheduler(owner), index(number), log(add_ring(owner, number)), queue(run_queue_slots) {}

void Carrier::switch_logged(ControlBlock& self, After after, ControlBlock* next) {
  log_switch(*this, &self, after, next);
  switch_now(self, after, next);
}

// A signal came while it was about to park.
void Carrier::settle_signalled(ControlBlock& left) {
  left.word.exchange(Word::none, std::memory_order_acq_rel);
  left.change(State::runnable);
  note_unpark(left, {Actor::earlier_signal, 0});
  push(left);
}

void Carrier::requeue(ControlBlock& left) {
  left.change(State::runnable);
  scheduler.make_runnable(left);
}

Carrier::Carrier(SchedulerCore& owner, unsigned number, QueuesElsewhere)
    : scheduler(owner),
      index(number),
      log(add_ring(owner, number)),
      queue(kFewestRunQueueSlots),
      queues_elsewhere_(true),
      look_around_every_(1),
      until_look_around_(1) {}

// Perhaps it yields for the sake of an OS thread that wants this CPU.
void Carrier::yield_alone() {
  if (--lonely_yields_ > 0) return;
  lonely_yields_ = kLookAroundEvery;
  ::sched_yield();
}

void Carrier::put(ControlBlock&, bool) {
  fatal("this kind of carrier has a run queue of its own");
}

void Carrier::run() {
  const AlternateStack for_signals;
  tid = ::gettid();
  exceptions_ = &exception_state_of_os_thread();
  loop_.adopt_os_thread();
  Carrier* const outer = std::exchange(this_carrier, this);
  note_carrier_start(*this);
  while (ControlBlock* const vthread = find()) {
    note_switch(nullptr, after_, vthread);
    if (log != nullptr) log_switch(*this, nullptr, After{}, vthread);
    loop_.switch_to(mount(vthread), *exceptions_);
    settle();
  }
  note_carrier_stop(*this);
  this_carrier = outer;
  return_blocks(0);
}

void Carrier::fetch_blocks() {
  VThreadList fetched = scheduler.stacks().acquire(kFetch);
  free_count_ = fetched.size();
  free_ = fetched.pop_all();
}

void Carrier::fetch_ids() {
  next_id_ = take_ids(kIdsAtOnce);
  end_of_ids_ = next_id_ + kIdsAtOnce;
}

void Carrier::return_blocks(std::size_t keep) {
  if (free_count_ <= keep) return;
  std::array<VThreadList, kMostFree / kFetch> batches;
  std::size_t count = 0;
  for (; free_count_ > keep; ++count) {
    for (; free_count_ > keep && batches[count].size() < kFetch; --free_count_)
      batches[count].push_back(*std::exchange(free_, free_->next));
  }
  while (count > 0) scheduler.stacks().release(std::move(batches[--count]));
}

}  // namespace vthreads::detail
