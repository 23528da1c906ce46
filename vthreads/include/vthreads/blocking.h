// blocking.h — calls that hold the carrier: system calls that cannot be waited for otherwise, foreign
// libraries, long computations.
//
// Owns      nothing.
// Rule      While f runs its vthread keeps the carrier. The scheduler is told, so that another carrier,
//           a spare one if need be (Config::max_carriers), runs the other vthreads meanwhile; with
//           Drive::calling_thread nobody can, and all wait.
// Threads   Anybody; on a platform thread it is just a call.
#pragma once

#include <functional>
#include <utility>

namespace vthreads {

namespace detail {

class BlockingRegion {
 public:
  BlockingRegion();
  ~BlockingRegion();
  BlockingRegion(const BlockingRegion&) = delete;
  BlockingRegion& operator=(const BlockingRegion&) = delete;

 private:
  bool entered_;
};

}  // namespace detail

/// Returns what f returns and throws what it throws. f must not call what can park: it would park as
/// with a Pin. errno is kept.
template <class F>
decltype(auto) blocking(F&& f) {
  const detail::BlockingRegion region;
  return std::invoke(std::forward<F>(f));
}

/// While one exists, the vthread that made it does not leave its carrier: if it waits, the carrier
/// waits with it (state `pinned`), compensated as blocking() is. For code that must stay on its OS
/// thread. Destroyed by the vthread that made it. Does nothing on a platform thread.
class Pin {
 public:
  Pin();
  ~Pin();
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;
};

}  // namespace vthreads
