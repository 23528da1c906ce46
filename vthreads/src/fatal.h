// fatal.h — the end of a process whose runtime is broken.
#pragma once

#include <string_view>

namespace vthreads::detail {

/// Writes "vthreads: MESSAGE" to standard error and aborts. Only for what a bug of this library, or
/// a misuse that it documents as forbidden, can cause.
[[noreturn]] void fatal(std::string_view message) noexcept;

}  // namespace vthreads::detail
