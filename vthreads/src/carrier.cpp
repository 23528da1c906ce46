#include "carrier.h"

#include <unistd.h>

#include <utility>

#include "carrier_switch.h"
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
  const Carrier* const carrier = this_carrier;
  return carrier == nullptr ? nullptr : carrier->mounted;
}

std::uint64_t take_ids(std::uint64_t count) {
  return next_id.fetch_add(count, std::memory_order_relaxed);
}

Carrier::Carrier(SchedulerCore& owner, unsigned number, std::uint32_t run_queue_slots)
    : scheduler(owner), index(number), queue(run_queue_slots) {}

void Carrier::settle_end(ControlBlock& left) {
  if (after_ == After::requeue) {
    left.change(State::runnable);
    return scheduler.make_runnable(left);
  }
  finished.add(1);
  left.finish(after_ == After::done_and_told);
}

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

ControlBlock& Carrier::take_block() {
  if (free_ == nullptr) {
    VThreadList fetched = scheduler.stacks().acquire(kFetch);
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
  if (free_count_ == kMostFree) {
    VThreadList surplus;
    for (; free_count_ > kMostFree / 2; --free_count_)
      surplus.push_back(*std::exchange(free_, free_->next));
    scheduler.stacks().release(std::move(surplus));
  }
  block.next = std::exchange(free_, &block);
  ++free_count_;
}

}  // namespace vthreads::detail
