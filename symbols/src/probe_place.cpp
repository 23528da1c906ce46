#include "symbols/probe_place.h"

#include <algorithm>
#include <initializer_list>

namespace vtlab::symbols {
namespace {

// Walks over the bytes of code; a step that does not fit stays where it is.
class Walk {
 public:
  explicit Walk(std::span<const std::byte> code) : code_(code) {}

  std::uint64_t at() const { return at_; }

  bool is(std::initializer_list<unsigned> bytes) const {
    if (code_.size() - at_ < bytes.size()) return false;
    return std::equal(
        bytes.begin(), bytes.end(), code_.begin() + static_cast<std::ptrdiff_t>(at_),
        [](unsigned wanted, std::byte there) { return static_cast<std::byte>(wanted) == there; });
  }

  /// Over these bytes and as many as follow them in the instruction.
  bool pass(std::initializer_list<unsigned> bytes, std::size_t more = 0) {
    if (!is(bytes) || code_.size() - at_ - bytes.size() < more) return false;
    at_ += bytes.size() + more;
    return true;
  }

  /// push of a register: 50+r, or 41 50+r.
  bool at_push() const {
    const std::size_t prefix = is({0x41}) ? 1 : 0;
    return code_.size() - at_ > prefix &&
           (std::to_integer<unsigned>(code_[at_ + prefix]) & 0xf8) == 0x50;
  }

 private:
  std::span<const std::byte> code_;
  std::uint64_t at_ = 0;
};

// As Go's compiler writes it (go.dev/src/cmd/internal/obj/x86/obj6.go, stacksplit): is there room for this
// frame? r14 is the goroutine, 0x10 in it the bound. By size of the frame: small, large, and huge.
bool pass_stack_check(Walk& walk) {
  const auto compared = [&] {
    if (walk.pass({0x49, 0x3b, 0x66, 0x10})) return true;           // cmp 0x10(%r14),%rsp
    if (walk.pass({0x4c, 0x8d, 0x64, 0x24}, 1) ||                   // lea -x(%rsp),%r12
        walk.pass({0x4c, 0x8d, 0xa4, 0x24}, 4))                     // the same, farther
      return walk.pass({0x4d, 0x3b, 0x66, 0x10});                   // cmp 0x10(%r14),%r12
    return walk.pass({0x49, 0x89, 0xe4}) &&                         // mov %rsp,%r12
           walk.pass({0x49, 0x81, 0xec}, 4) &&                      // sub $x,%r12
           (walk.pass({0x72}, 1) || walk.pass({0x0f, 0x82}, 4)) &&  // jb
           walk.pass({0x4d, 0x3b, 0x66, 0x10});
  };
  return compared() && (walk.pass({0x76}, 1) || walk.pass({0x0f, 0x86}, 4));  // jbe
}

}  // namespace

ProbePlace probe_place(std::span<const std::byte> code) {
  Walk walk(code);
  if (walk.is({0x0f, 0x1f, 0x44, 0x00, 0x00})) return {0, true};
  if (!walk.pass({0xf3, 0x0f, 0x1e, 0xfa})) {  // endbr64: who calls passes what follows it
    Walk go = walk;
    if (pass_stack_check(go)) walk = go;
  }
  return walk.at_push() ? ProbePlace{walk.at(), true} : ProbePlace{};
}

}  // namespace vtlab::symbols
