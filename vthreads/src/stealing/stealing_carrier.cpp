#include "stealing/stealing_carrier.h"

#include <algorithm>
#include <utility>

#include "futex.h"
#include "stealing/stealing_scheduler.h"

namespace vthreads::detail {
namespace {

constexpr int kFewestSpins = 16;
constexpr int kMostSpins = 512;  // about 10 µs

}  // namespace

StealingCarrier::StealingCarrier(StealingScheduler& owner, unsigned number,
                                 std::uint32_t run_queue_slots, std::uint64_t seed, bool shuffle)
    : Carrier(owner, number, run_queue_slots),
      sightings(std::make_unique<Sighting[]>(owner.most_carriers())),
      stealing_(owner),
      shuffle_(shuffle),
      random_(seed + number) {
  if (shuffle) always_look_around();
}

ControlBlock* StealingCarrier::pop() {
  return shuffle_ ? queue.pop_any(random_below(queue.slots())) : queue.pop();
}

// So that a busy run queue starves neither descriptors nor deadlines nor what comes from outside. That is
// done on the loop's stack: on the vthread's it would touch a second page.
ControlBlock* StealingCarrier::look_around() {
  if (!shuffle_ || --picks_until_loop_ == 0) {
    picks_until_loop_ = kLookAroundEvery;
    gives_up_ = stealing_.may_find_something(*this);
    if (gives_up_) return nullptr;
  }
  return pop();
}

ControlBlock* StealingCarrier::find() {
  if (std::exchange(gives_up_, false)) {
    stealing_.poll_now(*this);
    if (ControlBlock* const injected = stealing_.take_injected(*this, 1)) return injected;
  }
  for (;;) {
    if (stealing_.is_surplus()) {
      stealing_.stand_down(*this);
    } else {
      if (ControlBlock* const own = pop()) return own;
      if (ControlBlock* const injected = stealing_.take_injected(*this, queue.slots() / 2))
        return injected;
      if (stealing_.poll_now(*this)) continue;
      if (stealing_.shall_stop()) return nullptr;
      if (spin() || stealing_.steal(*this)) continue;
    }
    stealing_.idle(*this);
    if (stealing_.shall_stop()) return nullptr;
  }
}

// Work from outside often comes in a row: then it is cheaper to wait for the next a little than to
// sleep. How long depends on how often that was right.
bool StealingCarrier::spin() {
  for (int i = 0; i < spins_; ++i) {
    if (stealing_.is_injected()) {
      spins_ = std::min(spins_ * 2, kMostSpins);
      return true;
    }
    __builtin_ia32_pause();
  }
  spins_ = std::max(spins_ / 2, kFewestSpins);
  return false;
}

void StealingCarrier::sleep(Deadline deadline) {
  if (woken_.load(std::memory_order_relaxed) == 0) futex_wait(woken_, 0U, deadline);
  woken_.exchange(0, std::memory_order_acquire);
}

void StealingCarrier::wake() {
  if (woken_.exchange(1, std::memory_order_release) == 0) futex_wake(woken_);
}

// splitmix64: any seed will do, neighbouring ones too.
unsigned StealingCarrier::random_below(unsigned bound) {
  random_ += 0x9e3779b97f4a7c15U;
  std::uint64_t mixed = random_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
  return static_cast<unsigned>((mixed ^ (mixed >> 31)) % bound);
}

}  // namespace vthreads::detail
