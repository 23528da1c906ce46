// futex.h — sleep until a word changes: how carriers and platform threads wait.
//
// Used instead of std::atomic::wait because that spins first, has no deadline, and could miss a
// wake-up in the libstdc++ of GCC 11 and 12 (GCC bug 104928).
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>

#include "vthreads/stop.h"

namespace vthreads::detail {

inline timespec to_timespec(std::chrono::nanoseconds time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return {static_cast<time_t>(seconds.count()), static_cast<long>((time - seconds).count())};
}

/// Sleeps while word is `seen`; may return early for no reason. False if the deadline came first.
template <class Word>
bool futex_wait(std::atomic<Word>& word, Word seen, Deadline deadline = kNever) {
  static_assert(sizeof(word) == sizeof(std::uint32_t));
  timespec until{};
  if (deadline != kNever) until = to_timespec(deadline.time_since_epoch());
  const long result =
      ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, seen,
                deadline != kNever ? &until : nullptr, nullptr, FUTEX_BITSET_MATCH_ANY);
  return result == 0 || errno != ETIMEDOUT;
}

/// Wakes one. Uses the address only: the word may be gone already.
template <class Word>
void futex_wake(std::atomic<Word>& word) {
  ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

}  // namespace vthreads::detail
