// run_blocking.h — the one door for what cannot be waited for: the call holds an OS thread.
//
// Rule      Where vthreads/blocking.h exists the call goes there, and the carrier is compensated; else it blocks
//           the carrier. errno must come out in the result: it belongs to the OS thread that made the call.
#pragma once

#include <utility>

#if __has_include("vthreads/blocking.h")
#include "vthreads/blocking.h"
#endif

namespace vthreads::detail {

template <class Call>
auto run_blocking(Call&& call) {
#if __has_include("vthreads/blocking.h")
  return vthreads::blocking(std::forward<Call>(call));
#else
  return std::forward<Call>(call)();
#endif
}

}  // namespace vthreads::detail
