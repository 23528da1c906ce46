// poll_backend.h — what the poller needs of the kernel: arm a descriptor, and hear when it is ready.
//
// Owns      the kernel's object (an epoll descriptor, an io_uring) and the means to call back who waits.
//           Knows nothing of vthreads, and keeps nothing per descriptor: that is the Poller's.
// Rule      Arming tells at once, as an event, what is ready already. After that there is one event for each
//           change for the better (an edge), at least; with `once`, one event, and then it is disarmed.
// Rule      Every event carries the tag with which it was armed, so that an event of a file which is gone is
//           known as such.
// Threads   Anybody; wait_until() one at a time.
#pragma once

#include <cstdint>
#include <memory>

#include "vthreads/stop.h"

namespace vthreads::detail {

/// Directions, as a mask.
inline constexpr std::uint32_t kReading = 1;
inline constexpr std::uint32_t kWriting = 2;
inline constexpr std::uint32_t kBothWays = kReading | kWriting;

/// What to arm, or to disarm.
struct PollTarget {
  int fd;
  std::uint32_t tag;         // below 2^31
  std::uint32_t directions;  // to be armed now
  std::uint32_t armed;       // are armed already, under the same tag
  bool once;
};

/// A transfer that the kernel does by itself, on a file that is always ready. Lies on the stack of the vthread
/// that waits for it.
struct FileTransfer {
  enum class Kind : std::uint8_t { read, write } kind;
  int fd;
  void* buffer;  // not written to if kind is write
  std::uint32_t bytes;
  std::int64_t offset;  // -1: where the file stands
  int result = 0;       // bytes, or an errno, negative
};

struct PollEvent {
  int fd = -1;
  std::uint32_t tag = 0;
  std::uint32_t events = 0;    // as epoll's: EPOLLIN, EPOLLHUP, …
  std::uint32_t disarmed = 0;  // directions that must be armed again
  int error = 0;               // an errno: arming failed after all; events is 0
};

/// Who hears of it. Called on the thread that polls, without a lock of the backend.
class PollSink {
 public:
  virtual void on_event(const PollEvent& event) = 0;
  virtual void on_transfer(FileTransfer& transfer) = 0;  // it is done

 protected:
  ~PollSink() = default;
};

class PollBackend {
 public:
  PollBackend() = default;
  PollBackend(const PollBackend&) = delete;
  PollBackend& operator=(const PollBackend&) = delete;
  virtual ~PollBackend() = default;

  /// 0, or an errno. EPERM: always ready.
  virtual int arm(const PollTarget& target) = 0;

  /// The descriptor is about to be closed, or nobody wants to hear of it: target.directions are not wanted any
  /// more. An event that is on its way may still come.
  virtual void disarm(const PollTarget& target) = 0;

  /// Tells the sink what is ready now, without waiting.
  virtual void take(PollSink& sink) = 0;

  /// The same, but waits until there is something, the deadline has come or call_back() was called.
  virtual void wait_until(Deadline deadline, PollSink& sink) = 0;

  /// Makes the present wait_until(), or else the next one, return.
  virtual void call_back() = 0;

  /// Starts the transfer; it comes back as an event. False if this backend cannot do that.
  virtual bool start(FileTransfer& transfer) = 0;
};

/// Errors: std::system_error that names what the kernel refuses.
std::unique_ptr<PollBackend> make_epoll_backend();
std::unique_ptr<PollBackend> make_io_uring_backend();

}  // namespace vthreads::detail
