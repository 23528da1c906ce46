#include "vthreads/scope.h"

#include <array>
#include <mutex>
#include <system_error>

#include "scheduler.h"
#include "thread_core.h"
#include "vthread.h"

namespace vthreads {
namespace {

[[noreturn]] void refuse(std::errc code, const char* what) {
  throw std::system_error(std::make_error_code(code), what);
}

detail::SchedulerCore& scheduler_of_caller() {
  if (detail::ControlBlock* const self = detail::current_vthread()) return self->scheduler;
  refuse(std::errc::operation_not_permitted,
         "vthreads: a Scope on a platform thread needs a Scheduler");
}

}  // namespace

Scope::Scope() : core_(scheduler_of_caller()) {}

namespace detail {

void ScopeCore::Members::add(ScopeMember& member) {
  member.previous = nullptr;
  member.next = first_;
  if (first_ != nullptr) first_->previous = &member;
  first_ = &member;
}

void ScopeCore::Members::remove(ScopeMember& member) {
  (member.previous == nullptr ? first_ : member.previous->next) = member.next;
  if (member.next != nullptr) member.next->previous = member.previous;
}

void ScopeCore::expect() {
  const std::lock_guard lock(lock_);
  ++children_;
}

void ScopeCore::enter(ScopeMember& self) {
  ControlBlock& vthread = *current_vthread();
  self.vthread = &vthread;
  bool late = false;
  {
    const std::lock_guard lock(lock_);
    late = self.asked = stopped_;
    (late ? asked_ : running_).add(self);
  }
  if (late) vthread.request_stop();
}

// The owner looks at children_ under the lock only: so the last access to the Scope is the unlock.
void ScopeCore::leave(ScopeMember* self) {
  if (self != nullptr) current_vthread()->destroy_locals();
  Waker waker;
  {
    const std::lock_guard lock(lock_);
    if (self != nullptr) (self->asked ? asked_ : running_).remove(*self);
    if (--children_ == 0 && waiter_ != nullptr) waker = Waker(*waiter_);
  }
}

void ScopeCore::fail(std::exception_ptr error) {
  {
    const std::lock_guard lock(lock_);
    if (failure_ == nullptr) failure_ = std::move(error);
  }
  request_stop();
}

// Asking runs stop callbacks, and must not happen under the lock; without it a child may end at any
// moment. So references are taken, a few at a time, and each that is taken moves to the other list.
void ScopeCore::request_stop() {
  for (bool more = true; more;) {
    std::array<VThreadRef, 32> some;
    std::size_t count = 0;
    {
      const std::lock_guard lock(lock_);
      stopped_ = true;
      while (count < some.size() && running_.first() != nullptr) {
        ScopeMember& member = *running_.first();
        running_.remove(member);
        asked_.add(member);
        member.asked = true;
        some[count++] = make_ref(*member.vthread);
      }
      more = running_.first() != nullptr;
    }
    for (std::size_t i = 0; i < count; ++i) some[i].request_stop();
  }
}

bool ScopeCore::is_stopped() const {
  const std::lock_guard lock(lock_);
  return stopped_;
}

bool ScopeCore::is_over() const {
  const std::lock_guard lock(lock_);
  return children_ == 0;
}

// False if the deadline came first, or the caller is asked to stop.
bool ScopeCore::wait(Deadline deadline, bool heeds_stop) {
  for (bool in_time = true;;) {
    const bool gives_up = !in_time || (heeds_stop && stop_requested());
    {
      const std::lock_guard lock(lock_);
      waiter_ = children_ != 0 && !gives_up ? &current_thread() : nullptr;
      if (children_ == 0) return true;
    }
    if (gives_up) return false;
    in_time = await_signal(deadline, WaitReason::scope);
  }
}

bool ScopeCore::join(Deadline deadline) {
  if (&current_thread() != owner_)
    refuse(std::errc::operation_not_permitted,
           "vthreads: join of a Scope by another than its owner");
  if (!owner_->is_vthread() && !scheduler_.is_driven() && !is_over())
    refuse(std::errc::resource_deadlock_would_occur, "vthreads: join, but nobody is in run()");
  const bool undisturbed = wait(deadline, true);
  const bool stopped = !undisturbed && detail::stop_requested();
  if (stopped) request_stop();
  if (!undisturbed && !(stopped && wait(deadline, false))) return false;
  if (const std::exception_ptr failure = std::exchange(failure_, nullptr)) {
    std::rethrow_exception(failure);
  }
  if (stopped) throw Stopped();
  return true;
}

void ScopeCore::end() noexcept {
  if (is_over()) return;
  request_stop();
  if (!current_thread().is_vthread() && !scheduler_.is_driven()) {
    try {
      scheduler_.run();
    } catch (const std::system_error&) {
      // Somebody else has begun to.
    }
  }
  wait(kNever, false);
}

}  // namespace detail
}  // namespace vthreads
