#include "carrier.h"

#include <unistd.h>

#include <utility>

#include "scheduler.h"

namespace vthreads::detail {
namespace {

thread_local Carrier* this_carrier = nullptr;

}  // namespace

Carrier* current_carrier() noexcept {
  return this_carrier;
}

ControlBlock* current_vthread() noexcept {
  const Carrier* const carrier = current_carrier();
  return carrier == nullptr ? nullptr : carrier->mounted;
}

Carrier::Carrier(SchedulerCore& owner, unsigned number, std::uint32_t run_queue_slots,
                 std::uint64_t seed)
    : scheduler(owner), index(number), queue(run_queue_slots), random_(seed + number) {}

void Carrier::run() {
  tid = ::gettid();
  Carrier* const outer = std::exchange(this_carrier, this);
  while (ControlBlock* vthread = scheduler.next(*this)) {
    mounted = vthread;
    mounts.add(1);
    vthread->mount();
    mounted = nullptr;
    after_unmount(*vthread);
  }
  this_carrier = outer;
}

void Carrier::after_unmount(ControlBlock& vthread) {
  switch (vthread.state()) {
    case State::Parking:
      if (vthread.finish_park()) {
        parks.add(1);
      } else {
        scheduler.push_local(*this, vthread);
      }
      return;
    case State::Running:
      vthread.finish_yield();
      scheduler.push_local(*this, vthread);
      return;
    default:
      scheduler.finish(vthread);
  }
}

void Carrier::sleep() {
  while (woken_.exchange(0, std::memory_order_acquire) == 0) futex_wait(woken_, 0);
}

void Carrier::wake() {
  if (woken_.exchange(1, std::memory_order_release) == 0) futex_wake(woken_);
}

// splitmix64: any seed will do, neighbouring ones too.
unsigned Carrier::random_below(unsigned bound) {
  random_ += 0x9e3779b97f4a7c15U;
  std::uint64_t mixed = random_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
  return static_cast<unsigned>((mixed ^ (mixed >> 31)) % bound);
}

}  // namespace vthreads::detail
