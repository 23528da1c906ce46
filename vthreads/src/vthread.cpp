#include "vthread.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <mutex>
#include <string>
#include <utility>

#include "carrier_switch.h"
#include "fatal.h"
#include "local_values.h"
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

// What ends such a wait is the kernel.
bool is_for_kernel(WaitReason reason) {
  return reason >= WaitReason::io_read && reason <= WaitReason::file;
}

// Ends as an exception ends that leaves a std::thread: std::terminate() sees it as the current one
// and can tell what it was.
[[noreturn]] void terminate_with(const std::exception_ptr& error) noexcept {
  std::rethrow_exception(error);
}

// At most some milliseconds ago; a fourth of the price of the exact time.
Deadline coarse_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return Deadline(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
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
  fatal("vthread " + description() + " may not go from " + std::string(name_of(from)) + " to " +
        std::string(name_of(to)));
}

ControlBlock::ControlBlock(SchedulerCore& owner, std::span<std::byte> stack)
    : ThreadCore(owner.log() != nullptr ? Kind::logged_vthread : Kind::vthread),
      scheduler(owner),
      continuation(stack, &ControlBlock::live, this) {}

// Ends with the switch away from it, and goes on with the next life.
void ControlBlock::live(void* argument) noexcept {
  auto& self = *static_cast<ControlBlock*>(argument);
  self.carrier->settle();
  for (;;) {
    try {
      self.body();
    } catch (const Stopped&) {
      // It was asked to stop, and has stopped: that is no failure.
    } catch (...) {
      self.error = std::current_exception();
    }
    self.body.reset();
    self.destroy_locals();
    self.change(done);
    self.carrier->end(self);
  }
}

bool ControlBlock::await_otherwise(Deadline deadline) {
  return pins != 0 ? await_pinned(deadline) : await_timed(deadline);
}

bool ControlBlock::await_timed(Deadline deadline) {
  if (deadline <= coarse_now()) return false;  // one that has come just now takes the long way
  Timers& timers = carrier->timers();
  Timer timer{deadline, *this};
  set_timer_fired(false);
  timers.add(timer);
  park();
  return !has(kTimerFired) && timers.cancel(timer);
}

bool ControlBlock::await_pinned(Deadline deadline) {
  if (state() == blocking) return sleep(deadline);
  pinned_for_ever_.store(deadline == kNever);
  change(pinned);
  note_pin_wait(*this);
  scheduler.enter_blocking(*carrier);
  const bool signalled = sleep(deadline);
  note_pin_resume(*this);
  scheduler.exit_blocking(*this);
  return signalled;
}

bool ControlBlock::waits_for_signal() const {
  const Word how = word.load(std::memory_order_acquire);
  if (is_for_kernel(wait_reason.load(std::memory_order_relaxed))) return false;
  return (state() == parked && how == Word::parked) ||
         (state() == pinned && how == Word::asleep && pinned_for_ever_.load());
}

// --- what only some vthreads have ----------------------------------------------------------------

// No read-modify-write: it is the only writer.
void ControlBlock::set_extra(std::uint8_t extra, bool on) {
  const std::uint8_t seen = extras_.load(std::memory_order_relaxed);
  extras_.store(static_cast<std::uint8_t>(on ? seen | extra : seen & ~extra),
                std::memory_order_seq_cst);
}

void ControlBlock::set_name(std::string_view new_name) {
  std::size_t bytes = std::min(new_name.size(), kNameBytes);
  const auto continues = [&](std::size_t i) { return (new_name[i] & 0xc0) == 0x80; };
  while (bytes != 0 && bytes < new_name.size() && continues(bytes)) --bytes;
  const std::lock_guard lock(name_lock_);
  new_name.copy(name_.data(), bytes);
  name_bytes_ = static_cast<std::uint8_t>(bytes);
  set_extra(kNamed, true);
}

std::string ControlBlock::copy_of_name() const {
  const std::lock_guard lock(name_lock_);
  return std::string(name());
}

std::string ControlBlock::description() const {
  const std::string called = copy_of_name();
  return std::to_string(id) + (called.empty() ? "" : " '" + called + "'");
}

// Callbacks first: once its waits throw, the vthread may take them back before they have run. Then once more
// for a source that it has made meanwhile: who asks writes `stop` and reads extras_, who makes a source
// does it the other way round, sequentially consistent, so one of the two sees the other.
void ControlBlock::request_stop() {
  request_stop_of_source();
  ask_to_stop();
  request_stop_of_source();
}

void ControlBlock::request_stop_of_source() {
  if ((extras_.load(std::memory_order_seq_cst) & kStopSource) != 0) stop_source_.request_stop();
}

void ControlBlock::ask_to_stop() {
  stop.store(true, std::memory_order_seq_cst);
  signal(*this);
}

std::stop_token ControlBlock::stop_token() {
  if (!has(kStopSource)) {
    stop_source_ = std::stop_source();
    set_extra(kStopSource, true);
  }
  if (stop.load(std::memory_order_seq_cst)) stop_source_.request_stop();
  return stop_source_.get_token();
}

void ControlBlock::drop_stop_source() {
  set_extra(kStopSource, false);
  stop_source_ = std::stop_source(std::nostopstate);
}

void ControlBlock::set_locals(LocalValues* values) {
  locals_ = values;
  set_extra(kLocals, values != nullptr);
}

// Destructors may wait, and must not throw: so nobody asks them to stop.
void ControlBlock::really_destroy_locals() noexcept {
  ++stop_masks;
  delete locals_;
  set_locals(nullptr);
  --stop_masks;
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
void ControlBlock::tell(std::uintptr_t joiner, std::uint64_t self) {
  if (joiner == kDetached) {
    if (error != nullptr) terminate_with(error);
    return drop_reference(*this);
  }
  auto& waiting = *reinterpret_cast<ThreadCore*>(joiner & ~kHeld);
  signal(waiting, {Actor::vthread, self});
  if ((joiner & kHeld) != 0) drop_reference(waiting);
}

}  // namespace vthreads::detail
