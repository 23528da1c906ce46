#include "continuation.h"

#include <cxxabi.h>

#include <boost/context/fiber.hpp>
#include <boost/context/preallocated.hpp>
#include <new>
#include <utility>

#include "continuation_switch.h"

namespace vthreads::detail {
namespace {

static_assert(sizeof(boost::context::fiber) == sizeof(void*), "a fiber is one pointer");

// Boost wants to give the stack back when a context ends; ours never end.
struct KeepStack {
  void deallocate(boost::context::stack_context&) noexcept {}
};

}  // namespace

ExceptionState& exception_state_of_os_thread() {
  return *reinterpret_cast<ExceptionState*>(abi::__cxa_get_globals());
}

void Continuation::adopt_os_thread() {
#if defined(__SANITIZE_THREAD__)
  shadow_ = __tsan_get_current_fiber();
#endif
}

Continuation::Continuation(std::span<std::byte> stack, Entry entry, void* argument) {
  boost::context::stack_context whole;
  whole.sp = stack.data() + stack.size();
  whole.size = stack.size();
  const boost::context::preallocated place(whole.sp, whole.size, whole);
  auto lives = [this, entry, argument](boost::context::fiber&& from) -> boost::context::fiber {
    Access::arrived(*this);
    new (&from_->saved_) boost::context::fiber(std::move(from));
    entry(argument);
    return {};
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
  new (&saved_) boost::context::fiber(std::allocator_arg, place, KeepStack{}, std::move(lives));
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

}  // namespace vthreads::detail
