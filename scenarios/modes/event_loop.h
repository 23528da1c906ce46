// event_loop.h — one thread that waits for many things and calls back whoever asked for one of them.
//
// What a server without threads is made of: nothing here can wait, so what a unit does next is a function
// that it hands over. Threads   The one that runs it.
#pragma once

#include <cstdint>
#include <functional>

namespace vtlab {

class EventLoop {
 public:
  using Callback = std::function<void()>;

  EventLoop() = default;
  virtual ~EventLoop() = default;
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Called in its turn, after what was posted before.
  virtual void post(Callback callback) = 0;
  virtual void after(std::uint64_t ns, Callback callback) = 0;
  /// Called once, when a read (or write) of the descriptor would not wait. The descriptor is non-blocking, and
  /// is not closed before. Errors: std::system_error.
  virtual void readable(int fd, Callback callback) = 0;
  virtual void writable(int fd, Callback callback) = 0;
  /// Returns when nobody waits for anything.
  virtual void run() = 0;
};

}  // namespace vtlab
