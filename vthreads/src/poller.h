// poller.h — who waits for which descriptor, and whom an event lets go on.
//
// Owns      a Descriptor per number, and the backend (poll_backend.h). Not the descriptors themselves. A Waiter
//           lies on the stack of the vthread that waits.
// Rule      An event wakes everybody who waits for its direction; each tries again, and whoever finds nothing
//           waits again. So no vthread that gives up, or takes less than there is, keeps what another waits for.
// Rule      To wait is allowed only if no event came since *before* the last try: park() compares the count of
//           events under the lock. An event that comes later finds the Waiter.
// Rule      The bit `ready` of a direction is off only if somebody found nothing there and no event came since
//           before that. So who finds it off may wait without trying ("park first").
// Rule      A descriptor of a prepared life is armed once, for edges. Any other is armed for one event at every
//           wait, because nobody tells us when it is closed and its number reused.
// Rule      No system call under a SpinLock: who arms says so (arming), lets go of the lock, and arms once
//           more if others wanted more meanwhile.
// Threads   Anybody; poll_until() one at a time (IdleSet sees to it).
// Rejected  One list per direction and direct hand-over to the first waiter: whoever is handed an event and
//           then gives up (deadline, stop) would have to pass it on, as would whoever leaves data behind.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "descriptor_lives.h"
#include "poll_backend.h"
#include "segmented_array.h"
#include "vthread_list.h"
#include "vthreads/config.h"
#include "vthreads/reasons.h"

namespace vthreads::detail {

/// How a wait ended. After `ready`, try again.
enum class Waited : std::uint8_t { ready, timed_out, stopped, closed, failed };

struct Waiter {
  ControlBlock& vthread;
  std::uint32_t directions;
  bool is_over = false;            // the rest too: under the lock of the Descriptor
  Waited outcome = Waited::ready;  // once is_over
  int error = 0;                   // if failed: an errno
  Waiter* next = nullptr;
  Waiter* previous = nullptr;
};

// All bytes zero is a descriptor that nobody ever waited for (SegmentedArray).
struct alignas(64) Descriptor {
  // In `word`: these bits, and above them the number of events.
  static constexpr std::uint64_t kReady =
      kBothWays;  // one bit per direction, at its place in the mask
  static constexpr std::uint64_t kOdd =
      4;  // hang-up, error or urgent data were seen: a short read says nothing
  static constexpr std::uint64_t kOneEvent = 8;

  std::atomic<std::uint64_t> word;
  std::atomic<Life> life;  // for which it is armed; none at first. Written under the lock
  SpinLock lock;           // guards the rest
  bool arming;             // somebody is in the backend for this descriptor
  bool arm_again;          // and shall look again afterwards
  std::uint8_t armed;      // directions, counting those of who is arming
  Waiter* waiters;
};

class Poller {
 public:
  /// Errors: std::system_error.
  explicit Poller(Config::Poller backend);
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // --- for the scheduler

  /// Cheap. True only if no descriptor can become ready for anybody. (Registered descriptors count, whether or
  /// not somebody waits at the moment: counting waits would cost every request a shared cache line.)
  bool nobody_waits() const { return watched_.load(std::memory_order_relaxed) == 0; }

  /// Appends the vthreads whose descriptors are ready now. Does not enter the kernel if nobody_waits().
  void poll_now(VThreadList& runnable);

  /// Blocks until a descriptor is ready, the deadline has come or call_back() was called.
  void poll_until(Deadline deadline, VThreadList& runnable);

  /// Makes the present poll_until(), or else the next one, return.
  void call_back() { backend_->call_back(); }

  // --- for io

  /// Errors: std::bad_alloc.
  Descriptor& at(int fd) { return descriptors_.at(fd); }

  /// On a vthread of this scheduler: waits until an event came for one of `directions` after `seen`, which is
  /// what word was before the caller tried. `error` gets an errno if it failed.
  Waited park(int fd, Life life, std::uint32_t directions, std::uint64_t seen, Deadline deadline,
              WaitReason reason, int& error);

  /// On a vthread: lets the kernel do the transfer, and parks until it is done. Empty if this backend cannot;
  /// else bytes, or an errno, negative.
  std::optional<int> transfer(const FileTransfer& transfer);

  /// The life of the number that was watched is over: who waits is woken and finds it closed.
  void forget(int fd);

 private:
  using Lock = std::unique_lock<SpinLock>;

  class Dispatch;

  void dispatch(const PollEvent& event, VThreadList& runnable);
  static void release(Descriptor& descriptor, int fd, std::uint32_t directions, Waited outcome,
                      int error, VThreadList& runnable);
  static void wake_all(Descriptor& descriptor, Waited outcome, int error);
  void begin(Descriptor& descriptor, Life life);
  int arm(Descriptor& descriptor, int fd, Lock& lock);
  void disarm_once(Descriptor& descriptor, int fd, Lock& lock);
  void set_armed(Descriptor& descriptor, std::uint32_t directions);
  static void wait_over(Descriptor& descriptor, Waiter& self, Deadline deadline, WaitReason reason,
                        Lock& lock);

  const std::unique_ptr<PollBackend> backend_;
  SegmentedArray<Descriptor> descriptors_;
  alignas(64) std::atomic<std::uint32_t> watched_{0};  // armed for good, or waited for once
};

/// forget() of every poller of this process.
void forget_everywhere(int fd);

}  // namespace vthreads::detail
