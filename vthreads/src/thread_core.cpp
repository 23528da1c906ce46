#include "thread_core.h"

#include "carrier.h"
#include "scheduler.h"
#include "vthread.h"

namespace vthreads::detail {
namespace {

// A platform thread that waits: a futex on its word.
class PlatformThread : public ThreadCore {
 public:
  PlatformThread() : ThreadCore(false) {}

  void give(std::uint32_t what) {
    if ((word.fetch_or(what, std::memory_order_acq_rel) & what) == 0) futex_wake(word);
  }

  std::optional<Wake> wait(bool by_permit, std::optional<Deadline> deadline) {
    for (bool in_time = true;;) {
      const std::uint32_t seen = word.load(std::memory_order_acquire);
      if ((seen & kEvent) != 0) return take(kEvent, Wake::event);
      if (by_permit && (seen & kPermit) != 0) return take(kPermit, Wake::permit);
      if (!in_time) return std::nullopt;
      in_time = futex_wait(word, seen, deadline);
    }
  }

 private:
  Wake take(std::uint32_t what, Wake wake) {
    word.fetch_and(~what, std::memory_order_acq_rel);
    return wake;
  }
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
PlatformThread& as_platform(ThreadCore& thread) {
  return static_cast<PlatformThread&>(thread);
}

}  // namespace

void add_reference(ThreadCore& thread) noexcept {
  thread.references.fetch_add(1, std::memory_order_relaxed);
}

void drop_reference(ThreadCore& thread) noexcept {
  if (thread.references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (thread.is_vthread) {
    as_vthread(thread).scheduler.release(as_vthread(thread));
  } else {
    delete &as_platform(thread);
  }
}

void unpark(ThreadCore& thread) {
  if (!thread.is_vthread) return as_platform(thread).give(ThreadCore::kPermit);
  ControlBlock& vthread = as_vthread(thread);
  if (vthread.unpark()) vthread.scheduler.make_runnable(vthread);
}

void signal(ThreadCore& thread) {
  if (!thread.is_vthread) return as_platform(thread).give(ThreadCore::kEvent);
  ControlBlock& vthread = as_vthread(thread);
  // Once runnable it may finish, and take another scheduler than the caller's with it before
  // make_runnable() is done.
  add_reference(vthread);
  if (vthread.signal()) vthread.scheduler.make_runnable(vthread);
  drop_reference(vthread);
}

ThreadCore& current_thread() {
  if (ControlBlock* vthread = current_vthread()) return *vthread;
  return this_platform_thread();
}

std::optional<Wake> wait(bool by_permit, std::optional<Deadline> deadline) {
  ControlBlock* vthread = current_vthread();
  if (vthread == nullptr) return this_platform_thread().wait(by_permit, deadline);
  if (!deadline) return vthread->park(by_permit);
  return vthread->scheduler.park_until(*vthread, by_permit, *deadline);
}

}  // namespace vthreads::detail

namespace vthreads {

VThreadRef make_ref(detail::ThreadCore& core) noexcept {
  detail::add_reference(core);
  return VThreadRef(&core);
}

}  // namespace vthreads
