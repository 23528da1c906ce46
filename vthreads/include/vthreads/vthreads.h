// vthreads.h — start, join and park vthreads.
//
// A vthread is a thread that the kernel does not know: a stack and a place in a queue. Carriers (OS
// threads) mount vthreads, run them until they park, yield or finish, and unmount them. A vthread
// may go on on another carrier after any call of this library that can park, so code must not keep
// the address of a thread_local variable across one.
//
// Owns      A Scheduler owns its carriers and the stacks of its vthreads. A VThread handle owns the
//           right to join.
// Rule      Whatever waits in here holds a carrier only if it is called on a platform thread, where
//           it blocks that thread alone. Whatever else blocks (a system call, a std::mutex) blocks
//           the carrier, as README.md lists.
// Threads   Every function may be called from vthreads and from platform threads, unless it says
//           otherwise. One VThread object must not be used by two at the same time, as with
//           std::thread.
// Errors    std::system_error with the code that std::thread or the system call would give.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

#include "vthreads/config.h"
#include "vthreads/detail/body.h"

namespace vthreads {

namespace detail {
class ControlBlock;
class SchedulerCore;
struct ThreadCore;
}  // namespace detail

/// Refers to a vthread, or to the platform thread that called this_vthread::current(), so that it
/// can be unparked. Copyable; keeps the stack of a finished vthread from being reused while it
/// exists. May outlive the Scheduler.
class VThreadRef {
 public:
  VThreadRef() = default;
  VThreadRef(const VThreadRef& other) noexcept;
  VThreadRef(VThreadRef&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
  VThreadRef& operator=(VThreadRef other) noexcept {
    std::swap(core_, other.core_);
    return *this;
  }
  ~VThreadRef();

  /// Gives the thread a permit: its present park() returns, or else its next one will. A permit
  /// does not add up. Never blocks; does nothing to a vthread that has finished, or if this
  /// reference is empty.
  void unpark() const;

  explicit operator bool() const { return core_ != nullptr; }
  friend bool operator==(const VThreadRef&, const VThreadRef&) = default;

 private:
  friend class VThread;
  friend VThreadRef make_ref(detail::ThreadCore& core) noexcept;
  explicit VThreadRef(detail::ThreadCore* core) noexcept : core_(core) {}

  detail::ThreadCore* core_ = nullptr;  // one reference is ours
};

/// Same as thread.unpark().
inline void unpark(const VThreadRef& thread) {
  thread.unpark();
}

/// The right to join one vthread. Destroying or overwriting a joinable handle calls std::terminate,
/// as with std::thread. May outlive the Scheduler.
class VThread {
 public:
  VThread() = default;
  VThread(VThread&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  VThread& operator=(VThread&& other) noexcept;
  ~VThread();

  bool joinable() const { return block_ != nullptr; }

  /// Waits until the body has returned; throws what the body threw.
  /// Errors: EINVAL if not joinable; EDEADLK if a vthread joins itself, or if the vthread belongs
  /// to a Drive::calling_thread scheduler that nobody runs.
  void join();

  /// Lets the vthread finish alone; the Scheduler still waits for it. An exception that nobody can
  /// join for calls std::terminate, as with std::thread. Errors: EINVAL if not joinable.
  void detach();

  /// Unique in this process, in order of start; 0 if not joinable.
  std::uint64_t id() const;

  /// See VThreadRef::unpark(). Does nothing if not joinable.
  void unpark() const;

  /// Empty if not joinable.
  VThreadRef ref() const;

 private:
  friend class detail::SchedulerCore;
  explicit VThread(detail::ControlBlock& block) : block_(&block) {}

  detail::ControlBlock* block_ = nullptr;  // one reference is ours
};

/// Counted per carrier without synchronisation and summed when asked: exact once nothing runs, else
/// a recent value.
struct Stats {
  std::uint64_t vthreads_started = 0;
  std::uint64_t vthreads_alive = 0;  ///< started and not finished
  std::uint64_t mounts = 0;
  std::uint64_t parks = 0;   ///< that gave up the carrier; a park that found its permit is none
  std::uint64_t steals = 0;  ///< vthreads taken from the run queue of another carrier
  unsigned carriers = 0;
};

/// Runs vthreads on carriers.
class Scheduler {
 public:
  /// Errors: std::invalid_argument for a Config that cannot be honoured; std::system_error if the
  /// kernel refuses a descriptor or an OS thread; whatever Config::start_carrier throws.
  explicit Scheduler(Config config = {});

  /// Waits until every vthread has finished (with Drive::calling_thread: runs them), then stops and
  /// joins the carriers. Must not be called on one of its own vthreads.
  ~Scheduler();

  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Starts a vthread that runs `body`, a callable without arguments that need not be copyable.
  /// Errors: std::system_error (ENOMEM) if no stack can be had; whatever moving the callable
  /// throws.
  template <class F>
  VThread start(F&& body) {
    return start_body(detail::Body(std::forward<F>(body)));
  }

  /// Drive::calling_thread only: runs vthreads on this platform thread until none is alive. Without
  /// work it waits in the kernel for readiness, deadlines and unparks. May be called again. Errors:
  /// EPERM with own_threads; EDEADLK on a vthread; EBUSY if another thread is in run().
  void run();

  Stats stats() const;

 private:
  VThread start_body(detail::Body body);

  detail::SchedulerCore* core_;
};

/// About the calling vthread. On a platform thread each of these does the like for that thread.
namespace this_vthread {

/// Lets others run first: the vthread goes to the end of its carrier's run queue.
void yield();

/// Waits for a permit and uses it up; returns at once if there is one. Never returns without.
void park();

/// As park(), but not beyond the deadline. True if a permit was used, false if the time was over
/// first.
bool park_until(std::chrono::steady_clock::time_point deadline);
bool park_for(std::chrono::nanoseconds duration);

/// A permit neither ends nor is used up by a sleep. Not earlier than the deadline; later by as long
/// as every carrier is busy with vthreads that do not give it up.
void sleep_until(std::chrono::steady_clock::time_point deadline);
void sleep_for(std::chrono::nanoseconds duration);

/// VThread::id() of the caller; 0 on a platform thread.
std::uint64_t id();

bool is_vthread();

/// The calling vthread or platform thread, for others to unpark.
VThreadRef current();

/// Kernel tid of the carrier that runs this vthread now, without a system call; a vthread may have
/// another one after any call that can park. On a platform thread: its own tid.
int carrier_tid();

}  // namespace this_vthread

}  // namespace vthreads
