// thread_core.h — what every thread that can wait has in common, be it a vthread or a platform
// thread.
//
// Owns      itself, by counting references; a vthread's goes back to its StackPool, a platform
//           thread's is deleted.
// Rule      The word says how the thread waits, and nothing else; every line is one atomic step:
//
//             from      to        who         when
//             none      event     a signaller signal() to a thread that does not wait (yet)
//             event     none      itself      the next wait returns at once
//             none      parked    its carrier after the unmount: the stack is at rest
//             none      asleep    itself      the OS thread is about to sleep: a platform thread, or
//                                             a pinned vthread
//             parked    none      a signaller who then puts it into a queue: nobody else may
//             asleep    event     a signaller who then wakes the OS thread
//
//           So a signal is never lost, and one too many only makes a wait return early.
// Rule      A permit is a flag of its own: unpark() sets it and signals, park() takes it.
// Threads   All functions may be called by anybody who holds a reference.
#pragma once

#include <atomic>
#include <cstdint>

#include "usdt.h"
#include "vthreads/detail/waiting.h"
#include "vthreads/reasons.h"
#include "vthreads/vthreads.h"

namespace vthreads::detail {

enum class Word : std::uint32_t { none, event, parked, asleep };

struct ThreadCore {
  // Its scheduler knows where the log is: a pointer here would push the body into a third cache line.
  enum class Kind : std::uint8_t { platform_thread, vthread, logged_vthread };

  explicit ThreadCore(Kind what) : kind(what) {}
  ThreadCore(const ThreadCore&) = delete;
  ThreadCore& operator=(const ThreadCore&) = delete;

  /// Takes an event that is there already.
  bool take_event() {
    if (word.load(std::memory_order_relaxed) != Word::event) return false;
    word.exchange(Word::none, std::memory_order_acq_rel);
    return true;
  }

  /// On itself: as await_signal().
  bool await(Deadline deadline, WaitReason reason);

  /// Sleeps on the OS thread until a signal or the deadline; false if that came first.
  bool sleep(Deadline deadline);

  bool is_vthread() const { return kind != Kind::platform_thread; }
  bool is_logged() const { return kind == Kind::logged_vthread; }

  std::atomic<Word> word{Word::none};
  std::atomic<bool> permit{false};
  std::atomic<bool> stop{false};  // asked to stop: whoever sets it signals afterwards
  const Kind kind;
  std::atomic<WaitReason> wait_reason{WaitReason::other};  // a vthread's: of its last wait
  std::uint64_t id = 0;                                    // 0: a platform thread
  std::atomic<std::uint32_t> references{0};
};

void add_reference(ThreadCore& thread) noexcept;
void drop_reference(ThreadCore& thread) noexcept;

/// Who ends a wait, and which one: for people. By default whoever calls.
struct Origin {
  Actor actor = Actor::caller;
  std::uint64_t arg = 0;
};

/// By who has just ended its wait, before it is put into a queue (event_log/note.h).
void log_unpark(const ThreadCore& vthread, Origin by);
inline void note_unpark(const ThreadCore& vthread, Origin by) {
  VTHREADS_PROBE_REGISTER(by.actor);
  VTHREADS_PROBE_REGISTER(by.arg);
  VTHREADS_PROBE3(unpark, vthread.id, static_cast<std::uint8_t>(by.actor), by.arg);
  if (vthread.is_logged()) [[unlikely]]
    log_unpark(vthread, by);
}

void unpark(ThreadCore& thread);
void signal(ThreadCore& thread, Origin by = {});

/// The same for a thread that is not parked.
bool end_other_wait(ThreadCore& thread, Origin by);

/// signal() in two steps, for who signals many: true if the thread was parked, and now is the caller's,
/// who must make it runnable and put it into a queue.
inline bool end_wait(ThreadCore& thread, Origin by = {}) {
  Word parked = Word::parked;
  if (thread.word.load(std::memory_order_relaxed) == Word::parked &&
      thread.word.compare_exchange_strong(parked, Word::none, std::memory_order_acq_rel))
      [[likely]] {
    note_unpark(thread, by);
    return true;
  }
  return end_other_wait(thread, by);
}

}  // namespace vthreads::detail

namespace vthreads {

VThreadRef make_ref(detail::ThreadCore& core) noexcept;

}  // namespace vthreads
