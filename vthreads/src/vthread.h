// vthread.h — the control block of a vthread: its states, its permit, its body and its
// continuation.
//
// Owns      body, error and continuation. Lives at the top of its own stack (StackPool), so that
//           starting a vthread touches one page, and is used again for the next vthread on that
//           stack.
// Rule      A vthread is in one state and, unless it is Parked, in exactly one place (the table
//           below). Whoever moves it out of Parked owns it until it is in a queue.
// Rule      Parked is published by the carrier after the unmount, never before: until then the
//           stack is in use, and an unparker that saw Parked earlier could mount it twice.
// Lifetime  Counted references: one of the scheduler until it has finished, one of the join handle,
//           one per VThreadRef.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>

#include "continuation.h"
#include "thread_core.h"
#include "vthreads/detail/body.h"

namespace vthreads::detail {

// State, permit and event share one atomic word: every line is one compare-and-swap, so nothing
// that ends a wait gets lost in between.
//
//   from     to       who             when, and where the vthread is afterwards
//   New      Runnable spawner         start(); in a queue
//   Runnable Running  carrier         mount; on that carrier only
//   Running  Parking  itself          a wait that finds neither permit nor event; still mounted
//   Parking  Parked   carrier (*)     stack at rest; known only to whoever will end the wait
//   Parking  Runnable carrier (*)     permit or event came in between; in this carrier's queue
//   Parked   Runnable who ends it     in that one's run queue, or the inject queue
//   Running  Runnable carrier (*)     yield(); at the tail of this carrier's queue
//   Running  Done     itself          body returned; joined, and its stack given back, after unmount
//   (*) after the unmount
//
// A control block that is used again starts over at New; that is another vthread, not a transition.
enum class State : std::uint32_t { New, Runnable, Running, Parking, Parked, Done };

/// Whether the table has this line.
bool is_legal(State from, State to);

class ControlBlock;

/// The vthread that is mounted on the calling OS thread; nullptr on a platform thread.
ControlBlock* current_vthread() noexcept;

class ControlBlock : public ThreadCore {
 public:
  /// `stack` is the memory below the control block.
  ControlBlock(SchedulerCore& owner, std::span<std::byte> stack);

  /// A new vthread with two references: the scheduler's and the handle's. Only on a block that
  /// nobody refers to.
  void begin(Body body);

  /// By the spawner, after begin().
  void started();

  State state() const;

  /// On a carrier: runs it until it yields, waits or ends.
  void mount();

  /// On itself: back to the carrier; runnable again at once.
  void yield();

  /// On itself: waits for an event, or a permit if by_permit.
  Wake park(bool by_permit);

  /// By the carrier, after the unmount of a parking vthread. True: it is Parked and no longer the
  /// caller's to touch. False: it is Runnable and must go to a queue.
  bool finish_park();

  /// By the carrier, after the unmount of a vthread that yielded.
  void finish_yield();

  /// Gives a permit, or an event. True: it was Parked and is Runnable; the caller must put it into
  /// a queue.
  bool unpark();
  bool signal();

  /// Forgets an event that came when the wait was already over. On itself, when nobody can signal
  /// any more.
  void drop_event();

  /// Joining. False: it has finished already. True: the caller will be signalled when it has.
  bool begin_join(ThreadCore& joiner);
  void detach();

  /// By the carrier, once it is Done and unmounted. The thread to signal, if one is joining.
  ThreadCore* finish();

  SchedulerCore& scheduler;
  ControlBlock* next = nullptr;  // in the list that holds it
  std::uint64_t id = 0;
  std::exception_ptr error;

 private:
  static void live(void* self) noexcept;
  bool change(std::uint32_t seen, State to, std::uint32_t flags);

  Wake woken_by_ = Wake::event;  // written by who ends the wait, before it goes into a queue
  std::atomic<std::uintptr_t> joiner_{0};  // a ThreadCore*, or one of the marks in vthread.cpp
  Body body_;
  Continuation continuation_;
};

}  // namespace vthreads::detail
