#include "thread_core.h"

#include "carrier_switch.h"
#include "event_log/note.h"
#include "futex.h"
#include "scheduler.h"
#include "vthread.h"

namespace vthreads::detail {
namespace {

class PlatformThread : public ThreadCore {
 public:
  PlatformThread() : ThreadCore(Kind::platform_thread) {}
};

class ThisPlatformThread {
 public:
  ThisPlatformThread() : core_(new PlatformThread) { add_reference(*core_); }
  ~ThisPlatformThread() { drop_reference(*core_); }
  ThisPlatformThread(const ThisPlatformThread&) = delete;
  ThisPlatformThread& operator=(const ThisPlatformThread&) = delete;
  PlatformThread& core() { return *core_; }

 private:
  PlatformThread* core_;
};

// Reached only where no vthread is mounted, so the address cannot go stale across a park.
PlatformThread& this_platform_thread() {
  thread_local ThisPlatformThread self;
  return self.core();
}

ControlBlock& as_vthread(ThreadCore& thread) {
  return static_cast<ControlBlock&>(thread);
}

// Whether the thread cannot go away while this carrier, or a vthread on it, runs: a scheduler outlives its carriers, and
// control blocks outlive vthreads. Not on a carrier that its vthread holds: that counts as idle (blocking()), and the
// memory of control blocks may be given back while all are.
bool outlives(const Carrier* here, const ThreadCore& thread) {
  return thread.is_vthread() && here != nullptr &&
         &here->scheduler == &static_cast<const ControlBlock&>(thread).scheduler &&
         !here->is_held();
}

}  // namespace

bool ThreadCore::sleep(Deadline deadline) {
  for (bool in_time = true;;) {
    if (take_event()) return true;
    Word none = Word::none;
    if (!in_time) {
      Word asleep = Word::asleep;
      if (word.compare_exchange_strong(asleep, Word::none, std::memory_order_acq_rel)) return false;
      continue;
    }
    if (!word.compare_exchange_strong(none, Word::asleep, std::memory_order_acq_rel) &&
        none != Word::asleep)
      continue;
    in_time = futex_wait(word, Word::asleep, deadline);
  }
}

void add_reference(ThreadCore& thread) noexcept {
  thread.references.fetch_add(1, std::memory_order_relaxed);
}

// Who holds the only reference need not count: nobody can add one to what nobody refers to.
void drop_reference(ThreadCore& thread) noexcept {
  if (thread.references.load(std::memory_order_acquire) != 1 &&
      thread.references.fetch_sub(1, std::memory_order_acq_rel) != 1)
    return;
  if (thread.is_vthread()) {
    as_vthread(thread).scheduler.recycle(as_vthread(thread));
  } else {
    delete static_cast<PlatformThread*>(&thread);
  }
}

// Even an event that is there already is given again: what was published before it must be seen by who
// takes it.
bool end_other_wait(ThreadCore& thread, Origin by) {
  for (Word seen = thread.word.load(std::memory_order_relaxed);;) {
    if (seen == Word::parked) return end_wait(thread, by);
    const SignalNote note(thread);
    if (!thread.word.compare_exchange_weak(seen, Word::event, std::memory_order_acq_rel)) continue;
    note.tell(by);
    if (seen == Word::asleep) futex_wake(thread.word);
    return false;
  }
}

void signal(ThreadCore& thread, Origin by) {
  if (!end_wait(thread, by)) return;
  ControlBlock& vthread = as_vthread(thread);
  vthread.change(State::runnable);
  vthread.scheduler.make_runnable(vthread);
}

// After the store the thread may be gone. A carrier that outlives() it looks into its own queue.
void grant(ThreadCore& thread, std::atomic<bool>& granted) {
  Carrier* const here = this_carrier;
  if (!outlives(here, thread)) [[unlikely]] {
    add_reference(thread);
    granted.store(true, std::memory_order_release);
    signal(thread);
    return drop_reference(thread);
  }
  granted.store(true, std::memory_order_release);
  if (!end_wait(thread)) return;
  ControlBlock& vthread = as_vthread(thread);
  vthread.change(State::runnable);
  here->push(vthread);
}

void unpark(ThreadCore& thread) {
  thread.permit.store(true, std::memory_order_release);
  signal(thread);
}

[[gnu::noinline]] ThreadCore& current_thread() {
  const Carrier* const carrier = this_carrier;
  if (carrier != nullptr && carrier->mounted != nullptr) [[likely]]
    return *carrier->mounted;
  return this_platform_thread();
}

[[gnu::noinline]] bool await_signal(Deadline deadline, WaitReason reason) {
  const Carrier* const carrier = this_carrier;
  if (carrier != nullptr && carrier->mounted != nullptr) [[likely]]
    return carrier->mounted->await(deadline, reason);
  return this_platform_thread().sleep(deadline);
}

[[gnu::noinline]] Awaited await_signal_or_stop(ThreadCore& self, Deadline deadline,
                                               WaitReason reason) {
  if (self.stop.load(std::memory_order_acquire) && as_vthread(self).is_stopped()) [[unlikely]]
    return Awaited::stopped;
  return self.await(deadline, reason) ? Awaited::signalled : Awaited::timeout;
}

bool stop_requested() {
  const ControlBlock* const self = current_vthread();
  return self != nullptr && self->is_stopped();
}

void throw_if_stopped() {
  if (stop_requested()) throw Stopped();
}

Waker::Waker(ThreadCore& thread) : thread_(&thread), pinned_(!outlives(this_carrier, thread)) {
  if (pinned_) add_reference(thread);
}

void Waker::wake() {
  ThreadCore& thread = *std::exchange(thread_, nullptr);
  signal(thread);
  if (pinned_) drop_reference(thread);
}

}  // namespace vthreads::detail

namespace vthreads {

VThreadRef make_ref(detail::ThreadCore& core) noexcept {
  detail::add_reference(core);
  return VThreadRef(&core);
}

}  // namespace vthreads
