#include "vthread.h"

#include <array>
#include <string>
#include <utility>

#include "carrier_switch.h"
#include "fatal.h"
#include "scheduler.h"

namespace vthreads::detail {
namespace {

using enum State;

constexpr std::array<std::pair<State, State>, 13> kTable{{
    {fresh, runnable},
    {runnable, running},
    {running, parking},
    {parking, parked},
    {parking, runnable},
    {parked, runnable},
    {running, runnable},
    {running, pinned},
    {pinned, running},
    {running, blocking},
    {blocking, running},
    {blocking, runnable},
    {running, done},
}};

// Ends as an exception ends that leaves a std::thread: std::terminate() sees it as the current one
// and can tell what it was.
[[noreturn]] void terminate_with(const std::exception_ptr& error) noexcept {
  std::rethrow_exception(error);
}

}  // namespace

constexpr std::array<std::uint16_t, 8> kLegal = [] {
  std::array<std::uint16_t, 8> legal{};
  for (const auto& [from, to] : kTable) {
    std::uint16_t& line = legal[static_cast<std::size_t>(from)];
    line = static_cast<std::uint16_t>(line | 1U << static_cast<unsigned>(to));
  }
  return legal;
}();

void ControlBlock::refuse(State from, State to) const {
  fatal("vthread " + std::to_string(id) + " may not go from " + std::string(name_of(from)) +
        " to " + std::string(name_of(to)));
}

ControlBlock::ControlBlock(SchedulerCore& owner, std::span<std::byte> stack)
    : ThreadCore(true), scheduler(owner), continuation(stack, &ControlBlock::live, this) {}

// Ends with the switch away from it, and goes on with the next life.
void ControlBlock::live(void* argument) noexcept {
  auto& self = *static_cast<ControlBlock*>(argument);
  self.carrier->settle();
  for (;;) {
    try {
      self.body();
    } catch (...) {
      self.error = std::current_exception();
    }
    self.body.reset();
    self.change(done);
    self.carrier->end(self);
  }
}

bool ControlBlock::await_otherwise(Deadline deadline) {
  return pins != 0 ? await_pinned(deadline) : await_timed(deadline);
}

bool ControlBlock::await_timed(Deadline deadline) {
  if (deadline <= std::chrono::steady_clock::now()) return false;
  Timers& timers = carrier->timers();
  Timer timer{deadline, *this};
  timers.add(timer);
  change(parking);
  carrier->leave(*this, Carrier::After::park);
  return timers.cancel(timer);
}

bool ControlBlock::await_pinned(Deadline deadline) {
  if (state() == blocking) return sleep(deadline);
  change(pinned);
  scheduler.enter_blocking(*carrier);
  const bool signalled = sleep(deadline);
  scheduler.exit_blocking(*carrier);
  change(running);
  return signalled;
}

// --- the end of a life ---------------------------------------------------------------------------

bool ControlBlock::cancel_join(ThreadCore& joiner) {
  const std::uintptr_t mark = mark_of(joiner);
  std::uintptr_t seen = mark;
  if (!joiner_.compare_exchange_strong(seen, kNobody, std::memory_order_acq_rel)) return false;
  if ((mark & kHeld) != 0) drop_reference(joiner);
  return true;
}

void ControlBlock::detach() {
  std::uintptr_t seen = kNobody;
  if (joiner_.compare_exchange_strong(seen, kDetached, std::memory_order_acq_rel)) return;
  if (error != nullptr) terminate_with(error);
  drop_reference(*this);
}

// kFinished is there already, so the joiner may give the block back at any moment.
void ControlBlock::tell(std::uintptr_t joiner) {
  if (joiner == kDetached) {
    if (error != nullptr) terminate_with(error);
    return drop_reference(*this);
  }
  auto& waiting = *reinterpret_cast<ThreadCore*>(joiner & ~kHeld);
  signal(waiting);
  if ((joiner & kHeld) != 0) drop_reference(waiting);
}

}  // namespace vthreads::detail
