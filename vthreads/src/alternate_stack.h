// alternate_stack.h — where the calling OS thread runs signal handlers that ask for it (SA_ONSTACK):
// on a stack that has overflowed there is no room for one.
//
// Owns      the memory. A thread that has an alternate stack already (set by the program, or by a
//           sanitizer) keeps that one.
// Rule      Held by each carrier while it runs vthreads. Without one the kernel cannot deliver the
//           signal, and an overflow is a bare SIGSEGV.
// Threads   Made and destroyed on the OS thread that it serves.
#pragma once

#include <cstddef>

namespace vthreads::detail {

class AlternateStack {
 public:
  /// Without effect if there is no memory.
  AlternateStack() noexcept;
  ~AlternateStack();
  AlternateStack(const AlternateStack&) = delete;
  AlternateStack& operator=(const AlternateStack&) = delete;

 private:
  void* memory_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace vthreads::detail
