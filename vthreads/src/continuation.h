// continuation.h — the saved stack and registers of a vthread; wraps Boost.Context.
//
// Owns      nothing: the stack memory is StackPool's. The context record lives at the top of that
//           memory.
// Rule      A continuation belongs to its stack for good: when a body has returned, it unmounts and
//           the next mount starts the entry function anew, so reusing a stack costs one switch and
//           no set-up.
// Rule      No exception crosses a switch: the entry function must not throw.
// Threads   mount() by one carrier at a time, unmount() only on the mounted stack. Whoever hands a
//           continuation to another carrier publishes it (release/acquire) after mount() has
//           returned.
#pragma once

#include <cstddef>
#include <span>

namespace vthreads::detail {

class Continuation {
 public:
  using Entry = void (*)(void* argument) noexcept;

  /// Each life of the continuation is one call of entry(argument) on `stack`.
  Continuation(std::span<std::byte> stack, Entry entry, void* argument);
  ~Continuation();
  Continuation(const Continuation&) = delete;
  Continuation& operator=(const Continuation&) = delete;

  /// Runs the continuation on the calling OS thread until it unmounts or its entry function
  /// returns.
  void mount();

  /// Gives the OS thread back to mount(); returns at the next mount(), maybe on another OS thread.
  void unmount();

 private:
  struct Record;
  Record* record_;
};

}  // namespace vthreads::detail
