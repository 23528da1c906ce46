#include "alternate_stack.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

namespace vthreads::detail {
namespace {

// The kernel saves the registers there too, AVX-512's and AMX's included; only it knows how much that is
// (getauxval(3), AT_MINSIGSTKSZ).
std::size_t bytes_needed() {
  constexpr long kForHandlers = 32 << 10;
  return static_cast<std::size_t>(std::max(::sysconf(_SC_MINSIGSTKSZ), 0L) + kForHandlers);
}

}  // namespace

AlternateStack::AlternateStack() noexcept {
  stack_t present{};
  if (::sigaltstack(nullptr, &present) != 0 || (present.ss_flags & SS_DISABLE) == 0) return;
  bytes_ = bytes_needed();
  void* const memory = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) return;
  stack_t ours{};
  ours.ss_sp = memory;
  ours.ss_size = bytes_;
  if (::sigaltstack(&ours, nullptr) == 0) {
    memory_ = memory;
  } else {
    ::munmap(memory, bytes_);
  }
}

AlternateStack::~AlternateStack() {
  if (memory_ == nullptr) return;
  stack_t present{};
  if (::sigaltstack(nullptr, &present) == 0 && present.ss_sp == memory_) {
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    ::sigaltstack(&none, nullptr);
  }
  ::munmap(memory_, bytes_);
}

}  // namespace vthreads::detail
