#include "continuation.h"

#include <cxxabi.h>

#include <boost/context/fiber.hpp>
#include <boost/context/preallocated.hpp>
#include <new>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace vthreads::detail {
namespace {

namespace context = boost::context;

// Boost wants to give the stack back when a context ends; ours never end.
struct KeepStack {
  void deallocate(context::stack_context&) noexcept {}
};

}  // namespace

// The sanitizers keep a shadow per stack and must be told of every switch, from both sides.
struct Continuation::Access {
  static_assert(sizeof(context::fiber) == sizeof(saved_), "a fiber is one pointer");

  static context::fiber& fiber(Continuation& of) {
    return *std::launder(reinterpret_cast<context::fiber*>(&of.saved_));
  }

  static void leaving([[maybe_unused]] Continuation& from, [[maybe_unused]] Continuation& to) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(&from.fake_, to.bottom_, to.bytes_);
#elif defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(to.shadow_, 0);
#endif
  }

  static void arrived(Continuation& to) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(to.fake_, &to.from_->bottom_, &to.from_->bytes_);
#endif
    static_cast<void>(to);
  }
};

ExceptionState& exception_state_of_os_thread() {
  return *reinterpret_cast<ExceptionState*>(abi::__cxa_get_globals());
}

void Continuation::adopt_os_thread() {
#if defined(__SANITIZE_THREAD__)
  shadow_ = __tsan_get_current_fiber();
#endif
}

Continuation::Continuation(std::span<std::byte> stack, Entry entry, void* argument) {
  context::stack_context whole;
  whole.sp = stack.data() + stack.size();
  whole.size = stack.size();
  const context::preallocated place(whole.sp, whole.size, whole);
  auto lives = [this, entry, argument](context::fiber&& from) -> context::fiber {
    Access::arrived(*this);
    Access::fiber(*from_) = std::move(from);
    for (;;) entry(argument);
  };
#if defined(__SANITIZE_ADDRESS__)
  bottom_ = stack.data();
  bytes_ = stack.size();
#elif defined(__SANITIZE_THREAD__)
  // Boost enters the new stack once to set it up: that frame is the vthread's.
  void* const here = __tsan_get_current_fiber();
  shadow_ = __tsan_create_fiber(0);
  owns_shadow_ = true;
  __tsan_switch_to_fiber(shadow_, 0);
#endif
  new (&saved_) context::fiber(std::allocator_arg, place, KeepStack{}, std::move(lives));
#if defined(__SANITIZE_THREAD__)
  __tsan_switch_to_fiber(here, 0);
#endif
}

// Not the fiber's destructor: Boost would unwind the loop of lives, which owns nothing.
Continuation::~Continuation() {
#if defined(__SANITIZE_THREAD__)
  if (owns_shadow_) __tsan_destroy_fiber(shadow_);
#endif
}

void Continuation::switch_to(Continuation& to, ExceptionState& os_thread) {
  exceptions_ = std::exchange(os_thread, to.exceptions_);
  to.from_ = this;
  Access::leaving(*this, to);
  context::fiber left = std::move(Access::fiber(to)).resume();
  Access::arrived(*this);
  Access::fiber(*from_) = std::move(left);
}

}  // namespace vthreads::detail
