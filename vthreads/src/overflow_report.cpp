#include "overflow_report.h"

#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <mutex>
#include <new>
#include <optional>
#include <string_view>

#include "slab_registry.h"
#include "stack_layout.h"

namespace vthreads::detail {
namespace {

// One line, put together without allocating; what does not fit is cut off.
class Line {
 public:
  void add(std::string_view text) {
    used_ += text.copy(text_.data() + used_, text_.size() - used_);
  }
  void add(std::uint64_t number, int base = 10) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
    add(std::string_view(digits.data(), static_cast<std::size_t>(end.ptr - digits.data())));
  }
  void write() const {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text_.data(), used_);
  }

 private:
  std::array<char, 320> text_;
  std::size_t used_ = 0;
};

struct Overflow {
  const ControlBlock* vthread;
  std::size_t stack_bytes;
};

// Where the faulting code had its stack; empty on CPUs that we do not know.
std::optional<std::uintptr_t> stack_pointer([[maybe_unused]] const ucontext_t& registers) {
#if defined(__x86_64__)
  return static_cast<std::uintptr_t>(registers.uc_mcontext.gregs[REG_RSP]);
#elif defined(__aarch64__)
  return static_cast<std::uintptr_t>(registers.uc_mcontext.sp);
#else
  return std::nullopt;
#endif
}

// The address is in a guard page, and whoever touched it runs on the stack above. (A large frame may
// have moved the stack pointer beyond the guard already.)
std::optional<Overflow> overflow_at(std::uintptr_t address, const ucontext_t& registers) {
  constexpr std::uintptr_t kLargestFrame = std::uintptr_t{64} << 20;
  const std::optional<SlabRange> slab = find_slab(address);
  if (!slab) return std::nullopt;
  const std::size_t index = (address - slab->base) / slab->stride;
  const std::uintptr_t low = slab->base + index * slab->stride;
  if (address - low >= slab->guard) return std::nullopt;
  const std::optional<std::uintptr_t> sp = stack_pointer(registers);
  if (sp && (*sp >= low + slab->stride || *sp + kLargestFrame < low)) return std::nullopt;
  std::byte* const high = reinterpret_cast<std::byte*>(low + slab->stride);
  return Overflow{
      std::launder(reinterpret_cast<const ControlBlock*>(StackLayout::block(high, index))),
      slab->stride};
}

void describe(Line& line, const ControlBlock& vthread) {
  line.add("vthread ");
  line.add(vthread.id);
  if (vthread.name().empty()) return;
  line.add(" (");
  line.add(vthread.name());
  line.add(")");
}

void report(const Overflow& overflow, std::uintptr_t address) {
  Line line;
  line.add("vthreads: stack overflow: ");
  describe(line, *overflow.vthread);
  line.add(" has used up its stack of ");
  line.add(overflow.stack_bytes / 1024);
  line.add(" KiB and touched the guard page at 0x");
  line.add(address, 16);
  line.add("; raise Config::stack_bytes, or keep large objects off the stack\n");
  line.write();
}

void on_fault(int signal, siginfo_t* info, void* context) {
  const int error = errno;
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  const bool at_address = info->si_code == SEGV_MAPERR || info->si_code == SEGV_ACCERR;
  if (at_address) {
    const auto overflow = overflow_at(address, *static_cast<const ucontext_t*>(context));
    if (overflow) report(*overflow, address);
  }
  struct sigaction by_default {};
  by_default.sa_handler = SIG_DFL;
  ::sigaction(signal, &by_default, nullptr);
  // An access faults again when this returns. A signal that was sent, or made up by the kernel for
  // lack of an address, would not come again by itself.
  if (!at_address) ::syscall(SYS_tgkill, ::getpid(), ::gettid(), signal);
  errno = error;
}

}  // namespace

void report_overflows() {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  struct sigaction present {};
  if (::sigaction(SIGSEGV, nullptr, &present) != 0 || (present.sa_flags & SA_SIGINFO) != 0 ||
      present.sa_handler != SIG_DFL)
    return;
  struct sigaction ours {};
  ours.sa_sigaction = on_fault;
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
  ::sigaction(SIGSEGV, &ours, nullptr);
}

}  // namespace vthreads::detail
