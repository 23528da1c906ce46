// continuation_switch.h — the switch itself, to be compiled into each place that switches.
//
// Why inline: a switch is left by a jump and not by a return, so the CPU's stack of return addresses is
// one off afterwards, and each return between the switch and the user's code is predicted wrongly: four
// nested calls cost 60 to 80 cycles, as much as everything else in a yield.
//
// Rule      Included by carrier_switch.h and continuation.cpp only: they are the home of Boost.Context.
#pragma once

#include <boost/context/fiber.hpp>
#include <cstring>
#include <new>
#include <utility>

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
  static_assert(sizeof(boost::context::fiber) == sizeof(saved_), "a fiber is one pointer");

  [[gnu::always_inline]] static boost::context::fiber take(Continuation& of) {
    return std::move(*std::launder(reinterpret_cast<boost::context::fiber*>(&of.saved_)));
  }
  // Nothing is there: it was taken when the continuation was switched to.
  [[gnu::always_inline]] static void put(Continuation& of, boost::context::fiber fiber) {
    new (&of.saved_) boost::context::fiber(std::move(fiber));
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
  boost::context::fiber left = Access::take(to).resume();
  Access::arrived(*this);
  Access::put(*from_, std::move(left));
}

}  // namespace vthreads::detail
