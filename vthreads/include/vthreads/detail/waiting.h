// waiting.h — the one way in which everything in this library waits: for a mutex, a descriptor, a deadline.
//
// A wait is: publish, under the lock of what is waited for, a record that names current_thread(); then call
// await_signal() until the record says that it is over. Whoever ends the wait takes the record out under the
// lock, makes a Waker there, says in the record that it is over, and wakes after unlocking.
//
// Rule      await_signal() may return for no reason. So a signal that comes too late, or twice, is harmless, and
//           a wait is always a loop around a condition.
// Rule      A signal that comes before await_signal() makes it return at once. So none is lost.
// Rule      A thread that gives up (deadline, stop) takes its record out under the lock first; if the record is
//           gone already the wait has ended well.
// Threads   Works the same on vthreads, which give up their carrier, and on platform threads, which sleep.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "vthreads/reasons.h"
#include "vthreads/stop.h"

namespace vthreads::detail {

struct ThreadCore;

/// The caller; valid at least as long as the calling thread lives.
ThreadCore& current_thread();

/// Waits for a signal to the caller. False if the deadline came first. The reason is for people (event log,
/// VThread::wait_reason()), except that the io_ ones and `file` say that the kernel will end the wait.
bool await_signal(Deadline deadline = kNever, WaitReason reason = WaitReason::other);

/// Whether the caller was asked to stop (and does not ignore it now); always false on a platform thread. If it is
/// asked while it is in await_signal(), that returns.
bool stop_requested();

/// Throws Stopped if so.
void throw_if_stopped();

/// Both in one: as await_signal(), but `stopped` at once if stop_requested(). The caller is `self`.
enum class Awaited : std::uint8_t { signalled, timeout, stopped };
Awaited await_signal_or_stop(ThreadCore& self, Deadline deadline, WaitReason reason);

/// Wakes one waiting thread. Made while that thread cannot leave its wait, that is under the lock that guards its
/// record; from then on the thread may be gone, only the Waker keeps what it needs.
class Waker {
 public:
  Waker() = default;
  explicit Waker(ThreadCore& thread);
  Waker(Waker&& other) noexcept
      : thread_(std::exchange(other.thread_, nullptr)), pinned_(other.pinned_) {}
  Waker& operator=(Waker&& other) noexcept {
    std::swap(thread_, other.thread_);
    std::swap(pinned_, other.pinned_);
    return *this;
  }
  ~Waker() {
    if (thread_ != nullptr) wake();
  }

  /// At most once; the destructor does it if nobody did. Not under a SpinLock.
  void wake();

 private:
  ThreadCore* thread_ = nullptr;
  bool pinned_ = false;
};

/// Sets `granted`, which the thread waits for, and wakes it: a Waker around the store, in one step.
void grant(ThreadCore& thread, std::atomic<bool>& granted);

/// Guards a few instructions, never a wait or a system call. Lockable (std::lock_guard).
class SpinLock {
 public:
  void lock() {
    if (held_.exchange(true, std::memory_order_acquire)) lock_slowly();
  }
  bool try_lock() { return !held_.exchange(true, std::memory_order_acquire); }
  void unlock() { held_.store(false, std::memory_order_release); }

 private:
  void lock_slowly();

  std::atomic<bool> held_{false};
};

}  // namespace vthreads::detail
