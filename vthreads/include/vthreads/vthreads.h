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
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "vthreads/config.h"
#include "vthreads/detail/start.h"
#include "vthreads/reasons.h"
#include "vthreads/stop.h"

namespace vthreads {

struct Event;  // event_log.h
struct EventLog;

namespace detail {
struct ThreadCore;
}  // namespace detail

/// How to start a vthread.
struct StartOptions {
  /// For messages and tools; cut to 32 bytes (whole characters of UTF-8). Copied.
  std::string_view name = {};

  /// The vthread is asked to stop (stop.h) when this is; from the beginning, if it is already.
  std::stop_token stop = {};
};

/// What a vthread is doing. The table of transitions stands in src/vthread.h.
enum class State : std::uint8_t {
  fresh,     ///< made, not started yet
  runnable,  ///< waits for a carrier
  running,   ///< mounted
  parking,   ///< begins to wait, still mounted
  parked,    ///< waits, on no carrier
  pinned,    ///< waits on its carrier, which it must not leave (Pin)
  blocking,  ///< in blocking()
  done       ///< its body has returned
};

/// "runnable" and so on.
std::string_view name_of(State state);

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

  /// Asks it to stop (stop.h). Does nothing to a platform thread.
  void request_stop() const;

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

  /// Waits until the body has returned; throws what the body threw, except Stopped: who was asked to
  /// stop, and has stopped, has not failed.
  /// Errors: EINVAL if not joinable; EDEADLK if a vthread joins itself, or if the vthread belongs
  /// to a Drive::calling_thread scheduler that nobody runs.
  ///         Stopped if the calling vthread is asked to stop; the handle stays joinable then.
  void join();

  /// As join(), but not beyond the deadline: false if that came first.
  bool join_until(Deadline deadline);
  bool join_for(std::chrono::nanoseconds duration) { return join_until(deadline_after(duration)); }

  /// Lets the vthread finish alone; the Scheduler still waits for it. An exception (other than Stopped)
  /// that nobody can join for calls std::terminate, as with std::thread. Errors: EINVAL if not joinable.
  void detach();

  /// Unique in this process; 0 if not joinable.
  std::uint64_t id() const;

  /// As it is now; empty if it has none, or if not joinable.
  std::string name() const;

  /// As it was a moment ago. Errors: EINVAL if not joinable.
  State state() const;

  /// What it waits for while it is parking, parked or pinned; else what it waited for last. As it was a
  /// moment ago. Errors: EINVAL if not joinable.
  WaitReason wait_reason() const;

  /// Asks it to stop (stop.h): its waits throw Stopped from now on, and its stop_token says so: callbacks
  /// registered there run before this returns, on the calling thread. Does nothing to what has finished or
  /// was asked before, or if not joinable.
  void request_stop() const;

  /// See VThreadRef::unpark(). Does nothing if not joinable.
  void unpark() const;

  /// Empty if not joinable.
  VThreadRef ref() const;

 private:
  friend class Scheduler;
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
  std::uint64_t handoffs =
      0;                  ///< Kind::gmp: tokens taken back from a carrier in blocking() or a Pin
  unsigned carriers = 0;  ///< OS threads started to run vthreads; Kind::gmp: its monitor apart
};

/// Runs vthreads on carriers.
class Scheduler {
 public:
  /// Errors: std::invalid_argument for a Config that cannot be honoured; std::system_error if the
  /// kernel refuses a descriptor or an OS thread; whatever Config::start_carrier throws.
  explicit Scheduler(Config config = {});

  /// Waits until every vthread has finished (with Drive::calling_thread: runs them), then stops and
  /// joins the carriers.
  ///
  /// Vthreads that only somebody outside could wake, because they wait neither for each other's running nor
  /// for a deadline nor for a descriptor, would make it wait for ever. They are asked to stop (stop.h),
  /// as soon as nothing else is left to do; their stop_tokens learn it when they ask. So that is no place
  /// to wait for a platform thread that is about to unpark one: join first. If some still wait a
  /// second later (for a Mutex that nobody unlocks, under a StopMask), the process is aborted with a
  /// message that names them.
  ///
  /// Aborts with a message also if called on one of its own vthreads, or, with Drive::calling_thread, if
  /// vthreads are alive and it is called on a vthread or while another thread is in run().
  ~Scheduler();

  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Starts a vthread that runs `body`, a callable that need not be copyable. It is given the vthread's
  /// stop_token if it takes one, as with std::jthread, else nothing.
  /// Errors: std::system_error (ENOMEM) if no stack can be had; whatever moving the callable
  /// throws.
  template <class F>
  VThread start(F&& body) {
    return launch(detail::make(*core_, {}, detail::adapt(std::forward<F>(body))));
  }
  template <class F>
  VThread start(const StartOptions& options, F&& body) {
    return launch(
        detail::make(*core_, options.name, options.stop, detail::adapt(std::forward<F>(body))));
  }

  /// Drive::calling_thread only: runs vthreads on this platform thread until none is alive. Without
  /// work it waits in the kernel for readiness, deadlines and unparks. May be called again. Errors:
  /// EPERM with own_threads; EDEADLK on a vthread; EBUSY if another thread is in run().
  void run();

  Stats stats() const;

  /// Takes everything out of the event log (event_log.h, Config::event_log), sorted. What vthreads did that
  /// were joined before is in it; what others do meanwhile may be half in it. Empty if there is no log.
  /// Errors: as drain_events().
  EventLog events();

  /// The same, piece by piece and without a copy, for long runs: `take` is called with the records of one
  /// ring after the other, each in its order, but not sorted by time across them, nor across calls
  /// (sort_by_time). Everything may go on meanwhile; what `take` does is recorded too. If `take` throws,
  /// what it was given comes again.
  /// Errors: EBUSY while another drains; whatever take throws.
  void drain_events(const std::function<void(std::span<const Event>)>& take);

 private:
  friend class Scope;

  static VThread launch(detail::ControlBlock& vthread) {
    detail::launch(vthread);
    return VThread(vthread);
  }

  detail::SchedulerCore* core_;
};

/// About the calling vthread. On a platform thread each of these does the like for that thread.
namespace this_vthread {

/// Lets others run first: the vthread goes to the end of its carrier's run queue.
void yield();

/// Waits for a permit and uses it up; returns at once if there is one. Never returns without.
/// Errors: Stopped.
void park();

/// As park(), but not beyond the deadline. True if a permit was used, false if the time was over
/// first. Errors: Stopped.
bool park_until(Deadline deadline);
bool park_for(std::chrono::nanoseconds duration);

/// A permit neither ends nor is used up by a sleep. Not earlier than the deadline; later by as long
/// as every carrier is busy with vthreads that do not give it up. Errors: Stopped.
void sleep_until(Deadline deadline);
void sleep_for(std::chrono::nanoseconds duration);

/// VThread::id() of the caller; 0 on a platform thread.
std::uint64_t id();

bool is_vthread();

/// Whether the calling vthread was asked to stop, and no StopMask hides it. False on a platform thread.
bool stop_requested();

/// Tells when the calling vthread is asked to stop, for code that waits otherwise: std::stop_callback,
/// std::condition_variable_any. A StopMask does not hide it. What is registered with it runs on whoever
/// asks, and must not wait. Empty on a platform thread. Errors: std::bad_alloc.
std::stop_token stop_token();

/// As StartOptions::name. On a platform thread set_name() does nothing and name() is empty.
void set_name(std::string_view name);
std::string name();

/// The calling vthread or platform thread, for others to unpark.
VThreadRef current();

/// Kernel tid of the carrier that runs this vthread now, without a system call; a vthread may have
/// another one after any call that can park. On a platform thread: its own tid.
int carrier_tid();

}  // namespace this_vthread

/// While one exists, the vthread that made it waits as if nobody had asked it to stop: for clean-up that
/// has to wait. Does nothing on a platform thread.
class StopMask {
 public:
  StopMask();
  ~StopMask();
  StopMask(const StopMask&) = delete;
  StopMask& operator=(const StopMask&) = delete;
};

}  // namespace vthreads
