// poller.h — readiness of file descriptors → events. epoll underneath.
//
// Owns      the epoll descriptor, and an eventfd by which a carrier that blocks in poll_until() is
//           called back. Not the descriptors that are waited for. A Waiter lies on the stack of the
//           vthread that waits.
// Rule      Interest is armed for one event (EPOLLONESHOT) whenever somebody begins to wait. One
//           event lets one reader and one writer go, an error everybody; the rest is armed again.
//           So a vthread that gave up costs nothing.
// Rule      The kernel forgets a descriptor when it is closed, and the number comes back as another
//           file: arming tries EPOLL_CTL_MOD and, when the kernel does not know the number
//           (ENOENT), EPOLL_CTL_ADD.
// Rule      Only the one carrier in poll_until() reads the eventfd. If poll_now() did, it could
//           take away the call that was meant for the carrier that blocks.
// Threads   Anybody; poll_until() one at a time (IdleSet sees to it).
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <vector>

#include "futex.h"
#include "vthread_list.h"

struct epoll_event;

namespace vthreads::detail {

enum class Direction { read, write };

class Poller {
 public:
  /// Errors: std::system_error.
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// On a vthread: parks until fd, which is not negative, is ready. Errors: std::system_error with
  /// epoll_ctl(2)'s code.
  void wait(int fd, Direction direction);

  /// Nobody can be woken by a descriptor.
  bool nobody_waits() const { return waiting_.load(std::memory_order_relaxed) == 0; }

  /// Appends the vthreads whose descriptors are ready now. Does not enter the kernel if nobody
  /// waits.
  void poll_now(VThreadList& runnable);

  /// Blocks until a descriptor is ready, the deadline has come or call_back() was called.
  void poll_until(Deadline deadline, VThreadList& runnable);

  /// Makes the present poll_until(), or else the next one, return.
  void call_back();

 private:
  struct Waiter {
    ControlBlock& vthread;
    Waiter* next = nullptr;
    std::atomic<bool> over{false};
  };
  struct Waiters {
    Waiter* first = nullptr;
    Waiter* last = nullptr;
  };
  struct Entry {
    Waiters readers, writers;
  };

  void close_all();
  int arm(int fd, const Entry& entry);
  void release(Waiters& waiters, bool all, VThreadList& runnable);
  void dispatch(const epoll_event& event, VThreadList& runnable);
  void dispatch_all(const epoll_event* events, int count, VThreadList& runnable);

  int epoll_ = -1;
  int call_back_ = -1;
  std::atomic<std::size_t> waiting_{0};
  std::mutex mutex_;
  std::vector<Entry> entries_;  // by descriptor
};

}  // namespace vthreads::detail
