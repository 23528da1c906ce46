#include "continuation.h"

#include <cxxabi.h>

#include <boost/context/fiber.hpp>
#include <boost/context/preallocated.hpp>
#include <cstdint>
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

// What the C++ runtime keeps per OS thread about exceptions in flight (Itanium C++ ABI, "caught
// exceptions stack"). A vthread that parks inside a catch block takes its own with it.
struct ExceptionState {
  void* caught = nullptr;
  unsigned int uncaught = 0;
};

// Boost wants to give the stack back when a context ends; ours never end.
struct KeepStack {
  void deallocate(context::stack_context&) noexcept {}
};

// The sanitizers keep a shadow per stack and must be told of every switch, from both sides.
class Shadow {
 public:
#if defined(__SANITIZE_ADDRESS__)
  explicit Shadow(std::span<std::byte> stack) : stack_(stack) {}
  void leaving_carrier() {
    __sanitizer_start_switch_fiber(&carrier_fake_, stack_.data(), stack_.size());
  }
  void back_on_carrier() {
    __sanitizer_finish_switch_fiber(carrier_fake_, nullptr, nullptr);
  }
  void leaving_vthread() {
    __sanitizer_start_switch_fiber(&fake_, carrier_bottom_, carrier_bytes_);
  }
  void back_on_vthread() {
    __sanitizer_finish_switch_fiber(fake_, &carrier_bottom_, &carrier_bytes_);
  }

 private:
  std::span<std::byte> stack_;
  void* fake_ = nullptr;
  void* carrier_fake_ = nullptr;
  const void* carrier_bottom_ = nullptr;
  std::size_t carrier_bytes_ = 0;
#elif defined(__SANITIZE_THREAD__)
  explicit Shadow(std::span<std::byte>) : vthread_(__tsan_create_fiber(0)) {}
  ~Shadow() {
    __tsan_destroy_fiber(vthread_);
  }
  Shadow(const Shadow&) = delete;
  Shadow& operator=(const Shadow&) = delete;
  void leaving_carrier() {
    carrier_ = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(vthread_, 0);
  }
  void back_on_carrier() {}
  void leaving_vthread() {
    __tsan_switch_to_fiber(carrier_, 0);
  }
  void back_on_vthread() {}

 private:
  void* vthread_;
  void* carrier_ = nullptr;
#else
  explicit Shadow(std::span<std::byte>) {}
  void leaving_carrier() {}
  void back_on_carrier() {}
  void leaving_vthread() {}
  void back_on_vthread() {}
#endif
};

}  // namespace

struct Continuation::Record {
  Record(std::span<std::byte> stack, Entry entry, void* argument);
  ~Record() {}

  // The side that is not running: the vthread while it is unmounted, the carrier while it is
  // mounted. In a union so that nothing destroys it: Boost would unwind the entry loop, which owns
  // nothing.
  union {
    context::fiber other_side;
  };
  ExceptionState exceptions;
  Shadow shadow;
};

Continuation::Record::Record(std::span<std::byte> stack, Entry entry, void* argument)
    : shadow(stack) {
  context::stack_context whole;
  whole.sp = stack.data() + stack.size();
  whole.size = stack.size();
  const context::preallocated place(whole.sp, whole.size, whole);

  auto lives = [this, entry, argument](context::fiber&& carrier) -> context::fiber {
    other_side = std::move(carrier);
    for (;;) {
      shadow.back_on_vthread();
      entry(argument);
      shadow.leaving_vthread();
      other_side = std::move(other_side).resume();
    }
  };
#if defined(__SANITIZE_THREAD__)
  shadow.leaving_carrier();  // Boost enters the new stack once to set it up: that frame is the
                             // vthread's
#endif
  new (&other_side) context::fiber(std::allocator_arg, place, KeepStack{}, std::move(lives));
#if defined(__SANITIZE_THREAD__)
  shadow.leaving_vthread();
#endif
}

Continuation::Continuation(std::span<std::byte> stack, Entry entry, void* argument) {
  constexpr std::size_t kRecordBytes = (sizeof(Record) + 63) / 64 * 64;
  std::byte* const place = stack.data() + stack.size() - kRecordBytes;
  record_ = new (place) Record(stack.first(stack.size() - kRecordBytes), entry, argument);
}

Continuation::~Continuation() {
  record_->~Record();
}

// The exception state is exchanged here and not in unmount(), because both ends of mount() are on
// the same OS thread: the C++ library promises the compiler that __cxa_get_globals() never changes
// its answer.
void Continuation::mount() {
  auto& exceptions = *reinterpret_cast<ExceptionState*>(abi::__cxa_get_globals());
  std::swap(exceptions, record_->exceptions);
  record_->shadow.leaving_carrier();
  record_->other_side = std::move(record_->other_side).resume();
  record_->shadow.back_on_carrier();
  std::swap(exceptions, record_->exceptions);
}

void Continuation::unmount() {
  record_->shadow.leaving_vthread();
  record_->other_side = std::move(record_->other_side).resume();
  record_->shadow.back_on_vthread();
}

}  // namespace vthreads::detail
