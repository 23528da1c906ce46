// continuation.h — saved stack and registers: of a vthread, or of a carrier's own loop; wraps
// Boost.Context.
//
// Owns      nothing: the stack memory is StackPool's, or the OS thread's.
// Rule      switch_to() goes straight from any continuation to any other; whoever is switched to
//           stores the handle of the one that it came from. So a vthread hands its carrier to the
//           next one with one switch, and not with two through the carrier's loop.
// Rule      A continuation belongs to its stack for good: its entry function never returns. What it
//           runs for one vthread after the other is its own business; so reusing a stack costs no
//           set-up.
// Rule      No exception crosses a switch: the entry function must not throw.
// Threads   A continuation that has been left may be switched to by another OS thread, once the
//           switch away from it is complete: that is, after its successor has begun to run.
#pragma once

#include <cstddef>
#include <span>

namespace vthreads::detail {

/// What the C++ runtime keeps per OS thread about exceptions in flight (Itanium C++ ABI, "caught
/// exceptions stack"). A vthread that parks inside a catch block takes its own with it.
struct ExceptionState {
  void* caught = nullptr;
  unsigned int uncaught = 0;
};

/// Of the calling OS thread; stays where it is as long as that lives.
ExceptionState& exception_state_of_os_thread();

class Continuation {
 public:
  using Entry = void (*)(void* argument) noexcept;

  /// Stands for an OS thread's own stack: that of the thread which calls adopt_os_thread().
  Continuation() = default;
  void adopt_os_thread();

  /// The first switch to it calls entry(argument) on `stack`.
  Continuation(std::span<std::byte> stack, Entry entry, void* argument);
  ~Continuation();
  Continuation(const Continuation&) = delete;
  Continuation& operator=(const Continuation&) = delete;

  /// On this continuation: leaves it and runs `to`; returns when somebody switches back, maybe on
  /// another OS thread. `os_thread`: the exception state of the calling OS thread.
  void switch_to(Continuation& to, ExceptionState& os_thread);

 private:
  struct Access;  // keeps Boost out of this header

  void* saved_ = nullptr;         // a boost::context::fiber, while this is not running
  Continuation* from_ = nullptr;  // who switched here last
  ExceptionState exceptions_;
#if defined(__SANITIZE_ADDRESS__)
  const void* bottom_ = nullptr;
  std::size_t bytes_ = 0;
  void* fake_ = nullptr;
#elif defined(__SANITIZE_THREAD__)
  void* shadow_ = nullptr;
  bool owns_shadow_ = false;
#endif
};

}  // namespace vthreads::detail
