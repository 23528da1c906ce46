// vthread.h — the control block of a vthread: its state, its body and its continuation.
//
// Owns      body, error and continuation; name, vthread-local values and stop source, if it has
//           them. Lives at the top of its own stack (StackPool), so that
//           starting a vthread touches one page, and is used again for the next vthread on that
//           stack.
// Rule      A vthread is in one state and, unless it is parked, in exactly one place (the table
//           below). The state says who owns the vthread; what ends a wait is decided by the word
//           (thread_core.h), so the state itself needs no read-modify-write.
// Rule      Parked is published by the carrier after the switch, never before: until then the stack
//           is in use, and somebody who saw it parked earlier could mount it twice.
// Lifetime  Counted references: one for its life (started, not yet both finished and joined), one
//           per VThreadRef.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <exception>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "continuation.h"
#include "thread_core.h"
#include "vthreads/detail/body.h"

namespace vthreads::detail {

class Carrier;
class LocalValues;
class SchedulerCore;

// Who changes the state, and where the vthread is afterwards:
//
//   fresh    → runnable  spawner       start(); in a queue
//   runnable → running   carrier       mount; on that carrier only
//   running  → parking   itself        a wait that has not ended yet; still mounted
//   parking  → parked    carrier (*)   stack at rest; known only to whoever will end the wait
//   parking  → runnable  carrier (*)   it ended in between; in this carrier's queue
//   parked   → runnable  who ends it   in that one's run queue, or the inject queue
//   running  → runnable  carrier (*)   yield(); at the tail of this carrier's queue
//   running  → pinned    itself        it must not unmount (Pin): its carrier sleeps with it
//   pinned   → running   itself        woken; never left its carrier
//   running  → blocking  itself        in blocking(f): its carrier is in a system call or the like
//   blocking → running   itself        back, on the same carrier
//   blocking → runnable  carrier (*)   back, but its kind (gmp) runs no more of them now; in a queue
//   running  → done      itself        body returned; joined, and its stack given back, later
//   (*) after the switch away from it
//
// A control block that is used again starts over as fresh: another vthread, not a transition.

/// For each state, one bit per state that may follow it.
extern const std::array<std::uint16_t, 8> kLegal;

/// Whether the table has this line.
inline bool is_legal(State from, State to) {
  return (kLegal[static_cast<std::size_t>(from)] >> static_cast<unsigned>(to) & 1) != 0;
}

/// The vthread that is mounted on the calling OS thread; nullptr on a platform thread.
[[gnu::noinline]] ControlBlock* current_vthread() noexcept;

class ControlBlock : public ThreadCore {
 public:
  /// `stack` is the memory below the control block.
  ControlBlock(SchedulerCore& owner, std::span<std::byte> stack);

  /// A new vthread, whose body is still to be set. Only on a block that nobody refers to.
  void begin(std::uint64_t new_id) {
    __atomic_store_n(&id, new_id, __ATOMIC_RELAXED);  // a late signal may look at it
    joiner_.store(kNobody, std::memory_order_relaxed);
    references.store(1, std::memory_order_relaxed);
    word.store(Word::none, std::memory_order_relaxed);
    permit.store(false, std::memory_order_relaxed);
    stop.store(false, std::memory_order_relaxed);
    extras_.store(0, std::memory_order_relaxed);
    state_.store(State::fresh, std::memory_order_relaxed);
  }

  State state() const { return state_.load(std::memory_order_relaxed); }

  /// The one place where a state changes. Only by who owns the vthread (table above).
  void change(State to) {
    const State from = state_.load(std::memory_order_relaxed);
    if (!is_legal(from, to)) [[unlikely]]
      refuse(from, to);
    state_.store(to, std::memory_order_relaxed);
  }

  /// On itself: waits for a signal; false if the deadline came first. Inline in carrier_switch.h.
  bool await(Deadline deadline, WaitReason reason);

  /// Signals it; true if it was parked: then it is runnable, and the caller must put it into a queue.
  bool wake(Origin by = {}) {
    if (!end_wait(*this, by)) return false;
    change(State::runnable);
    return true;
  }

  /// Whether nothing but a signal can end the wait it is in (or, on a carrier that serves deadlines, one).
  /// Anybody may ask.
  bool waits_for_signal() const;

  /// By who owns it: whether its last timed wait was ended by the timer, which then need not be cancelled.
  void set_timer_fired(bool fired) {
    const std::uint8_t others = extras_.load(std::memory_order_relaxed) & ~kTimerFired;
    extras_.store(fired ? others | kTimerFired : others, std::memory_order_relaxed);
  }

  // --- stop

  bool is_stopped() const { return stop.load(std::memory_order_acquire) && stop_masks == 0; }

  /// By who holds a reference: from now on its waits throw, and its stop_token says so.
  void request_stop();

  /// The same without the stop_token, which takes a reference. By anybody.
  void ask_to_stop();

  /// On itself. Errors: std::bad_alloc.
  std::stop_token stop_token();

  // --- name: whole characters of UTF-8, at most kNameBytes; empty at first

  static constexpr std::size_t kNameBytes = 32;

  /// On itself, or before launch().
  void set_name(std::string_view name);

  /// On itself: without lock, so that a signal handler may.
  std::string_view name() const {
    return has(kNamed) ? std::string_view(name_.data(), name_bytes_) : std::string_view();
  }

  /// By anybody.
  std::string copy_of_name() const;

  /// For messages: id, and name if it has one.
  std::string description() const;

  // --- vthread-local values, on itself

  LocalValues* locals() const { return has(kLocals) ? locals_ : nullptr; }
  void set_locals(LocalValues* values);

  /// While it can still wait.
  void destroy_locals() noexcept {
    if (has(kLocals)) [[unlikely]]
      really_destroy_locals();
  }

  // --- joining, and the end of a life

  /// Joining. False: it has finished already. True: the caller will be signalled when it has.
  bool begin_join(ThreadCore& joiner) {
    std::uintptr_t seen = kNobody;
    const std::uintptr_t mark = mark_of(joiner);
    if ((mark & kHeld) != 0) add_reference(joiner);
    if (joiner_.compare_exchange_strong(seen, mark, std::memory_order_acq_rel)) return true;
    if ((mark & kHeld) != 0) drop_reference(joiner);
    return false;
  }
  /// Gives up. False: it has finished meanwhile.
  bool cancel_join(ThreadCore& joiner);
  bool is_finished() const { return joiner_.load(std::memory_order_acquire) == kFinished; }
  void detach();

  /// Before launch(): nobody will join it.
  void be_detached() { joiner_.store(kDetached, std::memory_order_relaxed); }

  /// By the carrier, once it is done and left: tells who joins, unless that was woken already.
  void finish(bool joiner_is_awake) {
    // Only the joiner itself could change it now, and that runs after this on this carrier.
    if (joiner_is_awake) return joiner_.store(kFinished, std::memory_order_release);
    const std::uint64_t self = id;
    const std::uintptr_t joiner = joiner_.exchange(kFinished, std::memory_order_acq_rel);
    if (joiner != kNobody) tell(joiner, self);
  }

  /// By itself, at its end: the vthread of this scheduler that waits to join it, if there is one; it is
  /// runnable then, and the caller must run it next on this carrier.
  ControlBlock* wake_joiner() {
    const std::uintptr_t joiner = joiner_.load(std::memory_order_acquire);
    if (joiner <= kFinished || (joiner & kHeld) != 0) return nullptr;
    auto* const waiting = reinterpret_cast<ControlBlock*>(joiner);
    return waiting->wake() ? waiting : nullptr;
  }

  /// When the last reference has been dropped.
  void give_back_extras() {
    if (has(kStopSource)) [[unlikely]]
      drop_stop_source();
  }

 private:
  // Bits of extras_: what most vthreads do not have.
  static constexpr std::uint8_t kNamed = 1;
  static constexpr std::uint8_t kLocals = 2;
  static constexpr std::uint8_t kStopSource = 4;
  static constexpr std::uint8_t kTimerFired = 8;

  bool has(std::uint8_t extra) const {
    return (extras_.load(std::memory_order_relaxed) & extra) != 0;
  }
  void set_extra(std::uint8_t extra, bool on);

  // What joiner_ holds when it holds no thread.
  static constexpr std::uintptr_t kNobody = 0;
  static constexpr std::uintptr_t kDetached = 1;
  static constexpr std::uintptr_t kFinished = 2;
  static constexpr std::uintptr_t kHeld = 4;  // with a ThreadCore*: a reference holds it

  // All data from here on is in order of use, so that a vthread that does nothing much touches two
  // cache lines of it.
  std::atomic<State> state_{State::fresh};
  std::atomic<std::uint8_t> extras_{0};  // written by itself, or while nobody else knows it

 public:
  std::uint16_t pins = 0;  // Pin objects alive
  SchedulerCore& scheduler;
  Carrier* carrier = nullptr;    // on which it was mounted last
  ControlBlock* next = nullptr;  // in the list that holds it

 private:
  std::atomic<std::uintptr_t> joiner_{kNobody};  // a ThreadCore*, or one of the marks above

 public:
  Continuation continuation;
  std::exception_ptr error;
  Body body;
  std::uint16_t stop_masks = 0;  // StopMask objects alive

 private:
  [[noreturn, gnu::cold, gnu::noinline]] void refuse(State from, State to) const;
  void tell(std::uintptr_t joiner, std::uint64_t self);

  // Who finishes is a carrier of this scheduler, which outlives its own vthreads' control blocks; any
  // other joiner could be gone, when it is told, unless a reference holds it.
  std::uintptr_t mark_of(const ThreadCore& joiner) const {
    const bool ours =
        joiner.is_vthread() && &static_cast<const ControlBlock&>(joiner).scheduler == &scheduler;
    return reinterpret_cast<std::uintptr_t>(&joiner) | (ours ? 0 : kHeld);
  }
  static void live(void* self) noexcept;
  bool await_otherwise(Deadline deadline);
  bool await_pinned(Deadline deadline);
  bool await_timed(Deadline deadline);
  void park();
  void really_destroy_locals() noexcept;
  void request_stop_of_source();
  void drop_stop_source();

  // Valid only with their bit in extras_, so that nobody else touches their cache lines.
  std::uint8_t name_bytes_ = 0;
  mutable SpinLock name_lock_;                // for others than itself: guards the name
  std::atomic<bool> pinned_for_ever_{false};  // while pinned: without a deadline
  LocalValues* locals_ = nullptr;
  std::stop_source stop_source_{std::nostopstate};
  std::array<char, kNameBytes> name_;
};

}  // namespace vthreads::detail
