// thread_core.h — what every thread that can wait has in common, be it a vthread or a platform
// thread.
//
// Owns      itself, by counting references; a vthread's goes back to its StackPool, a platform
//           thread's is deleted.
// Rule      Two things end a wait, and neither is ever lost:
//             permit  given by unpark(); remembered until a park uses it up
//             event   given by signal(): readiness, a deadline, the end of a joined vthread.
//             Whoever signals knows that
//                     the thread is in this very wait, or about to begin it; so no event is left
//                     over afterwards
// Threads   All functions may be called by anybody who holds a reference.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "futex.h"
#include "vthreads/detail/waiting.h"
#include "vthreads/vthreads.h"

namespace vthreads::detail {

enum class Wake { permit, event };

struct ThreadCore {
  explicit ThreadCore(bool vthread) : is_vthread(vthread) {}
  ThreadCore(const ThreadCore&) = delete;
  ThreadCore& operator=(const ThreadCore&) = delete;

  static constexpr std::uint32_t kPermit = 1U << 8;
  static constexpr std::uint32_t kEvent = 1U << 9;

  std::atomic<std::uint32_t> word{0};  // kPermit and kEvent; a vthread's state too (vthread.h)
  std::atomic<std::uint32_t> references{0};
  std::atomic<bool> stop{false};  // asked to stop: whoever sets it signals afterwards
  const bool is_vthread;
};

void add_reference(ThreadCore& thread) noexcept;
void drop_reference(ThreadCore& thread) noexcept;

void unpark(ThreadCore& thread);
void signal(ThreadCore& thread);

/// The caller; lives at least as long as the calling thread.
ThreadCore& current_thread();

/// Waits for an event, or a permit if by_permit. Empty if the deadline came first.
std::optional<Wake> wait(bool by_permit, std::optional<Deadline> deadline = std::nullopt);

}  // namespace vthreads::detail

namespace vthreads {

VThreadRef make_ref(detail::ThreadCore& core) noexcept;

}  // namespace vthreads
