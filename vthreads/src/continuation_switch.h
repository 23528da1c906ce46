// continuation_switch.h — the switch itself, to be compiled into each place that switches.
//
// Why inline, and why a jump: the CPU predicts a return by the calls that it has seen. A switch is left by a
// jump and not by a return. So each call that is open while switching makes one later return, in the
// user's code, be predicted wrongly, which costs 15 to 20 cycles; a yield without that takes 35. Inlined,
// and with the return address pushed instead of called, a switch leaves calls and returns in balance.
//
// Rule      Included by carrier_switch.h and continuation.cpp only: they are the home of Boost.Context.
// Rule      Compiled with -mno-red-zone (CMakeLists.txt): the compiler does not know that jump() pushes.
// Rejected  An assembly of our own for the whole switch: Boost's is known to be right on every machine.
#pragma once

#include <boost/context/detail/fcontext.hpp>
#include <cstring>

#include "continuation.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace vthreads::detail {

// The sanitizers keep a shadow per stack and must be told of every switch, from both sides.
struct Continuation::Access {
  // boost::context::fiber(to).resume(), and what is left is the fiber that was here. `to` and the result are
  // what a fiber consists of: where its stack ends, with its registers on it.
  [[gnu::always_inline]] static void* jump(void* to) {
#if defined(__x86_64__)
    void* from = nullptr;
    void* nothing = nullptr;
    asm volatile(
        "leaq 1f(%%rip), %%rax\n\t"
        "pushq %%rax\n\t"
        "jmp jump_fcontext@PLT\n"
        "1:"
        : "=a"(from), "+D"(to), "+S"(nothing)
        :
        : "rcx", "rdx", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",
          "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
          "cc", "memory");
    return from;
#else
    return boost::context::detail::jump_fcontext(to, nullptr).fctx;
#endif
  }

  [[gnu::always_inline]] static void leaving([[maybe_unused]] Continuation& from,
                                             [[maybe_unused]] Continuation& to) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(&from.fake_, to.bottom_, to.bytes_);
#elif defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(to.shadow_, 0);
#endif
  }

  [[gnu::always_inline]] static void arrived(Continuation& to) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(to.fake_, &to.from_->bottom_, &to.from_->bytes_);
#endif
    static_cast<void>(to);
  }
};

[[gnu::always_inline]] inline void Continuation::switch_to(Continuation& to,
                                                           ExceptionState& os_thread) {
  std::memcpy(&exceptions_, &os_thread, sizeof exceptions_);
  std::memcpy(&os_thread, &to.exceptions_, sizeof exceptions_);
  to.from_ = this;
  Access::leaving(*this, to);
  void* const left = Access::jump(to.saved_);
  Access::arrived(*this);
  from_->saved_ = left;
}

}  // namespace vthreads::detail
