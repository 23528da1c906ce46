#include "gmp/m.h"

#include "event_log/note.h"
#include "futex.h"
#include "gmp/gmp_scheduler.h"

namespace vthreads::detail::gmp {

M::M(GmpScheduler& owner, unsigned number, std::uint64_t seed)
    : Carrier(owner, number, QueuesElsewhere{}), gmp_(owner), random_(seed + number) {}

ControlBlock* M::look_around() {
  gives_up_ = gmp_.locked_m_waits();
  return p == nullptr || gives_up_ ? nullptr : gmp_.next_at_hand(*this);
}

ControlBlock* M::find() {
  return gmp_.schedule(*this);
}

void M::put(ControlBlock& g, bool last) {
  if (p == nullptr) return gmp_.inject(g);  // comes back from a system call, or is in one
  if (last) return gmp_.put_last(*p, g);
  gmp_.ready(*p, g);
}

void M::sleep() {
  note_carrier_sleep(*this, SleepPlace::futex);
  while (woken_.load(std::memory_order_relaxed) == 0) futex_wait(woken_, 0U);
  woken_.exchange(0, std::memory_order_acquire);
  note_carrier_wake(*this);
}

void M::wake() {
  if (woken_.exchange(1, std::memory_order_release) == 0) futex_wake(woken_);
}

// splitmix64: any seed will do, neighbouring ones too.
std::uint32_t M::random() {
  random_ += 0x9e3779b97f4a7c15U;
  std::uint64_t mixed = random_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
  return static_cast<std::uint32_t>((mixed ^ (mixed >> 31)) >> 32);
}

}  // namespace vthreads::detail::gmp
