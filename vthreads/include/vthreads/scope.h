// scope.h — structured concurrency: vthreads that have ended when the block that started them is left.
//
//     {
//       Scope scope(scheduler);
//       scope.start([&] { left = sum(first_half); });
//       scope.start([&] { right = sum(second_half); });
//       scope.join();                      // both have ended; throws what the first to fail threw
//     }
//
// Owner     The thread, vthread or platform thread, that made the Scope. Only it joins.
// Rule      No child outlives the Scope: the destructor asks all to stop and waits for them, also while an
//           exception unwinds the owner's stack.
// Failure   The first child that is left by an exception asks all others to stop; join() throws that exception
//           when all have ended. Later exceptions are dropped. Stopped is no failure: it is how a child ends
//           that was asked to stop.
// Stop      A Scope whose owner is asked to stop passes that on to its children as soon as the owner joins, or
//           leaves the block. A Scope that was asked to stop stays so: children that are started afterwards
//           run, but are asked to stop from the beginning.
// Memory    A child that has ended gives its stack back at once, whether or not the owner joins: a Scope may start
//           any number of children one after another.
// Threads   start() and request_stop(): anybody who knows that the Scope is still there, its children above all.
//           The rest: the owner. The Scope must be gone before its Scheduler.
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "vthreads/detail/waiting.h"
#include "vthreads/stop.h"
#include "vthreads/vthreads.h"

namespace vthreads {

namespace detail {

/// A vthread of a Scope while it runs.
struct ScopeMember {
  ThreadCore* vthread = nullptr;
  ScopeMember* next = nullptr;
  ScopeMember* previous = nullptr;
  bool asked = false;  // to stop; and so in the other list
};

class ScopeCore {
 public:
  explicit ScopeCore(SchedulerCore& scheduler) : scheduler_(scheduler), owner_(&current_thread()) {}
  ScopeCore(const ScopeCore&) = delete;
  ScopeCore& operator=(const ScopeCore&) = delete;

  SchedulerCore& scheduler() { return scheduler_; }

  /// A child is about to be started; it could not be.
  void expect();
  void give_up() { leave(nullptr); }

  /// On a child: the first and the last thing it does here. After leave() the Scope may be gone.
  void enter(ScopeMember& self);
  void leave(ScopeMember* self);

  /// On a child.
  void fail(std::exception_ptr error);

  void request_stop();
  bool is_stopped() const;

  /// By the owner.
  bool join(Deadline deadline);
  void end() noexcept;

 private:
  class Members {
   public:
    ScopeMember* first() const { return first_; }
    void add(ScopeMember& member);
    void remove(ScopeMember& member);

   private:
    ScopeMember* first_ = nullptr;
  };

  bool is_over() const;
  bool wait(Deadline deadline, bool heeds_stop);

  SchedulerCore& scheduler_;
  ThreadCore* const owner_;
  mutable SpinLock lock_;  // guards what follows
  std::size_t children_ = 0;
  bool stopped_ = false;
  ThreadCore* waiter_ = nullptr;  // the owner, or who destroys it
  Members running_;
  Members asked_;
  std::exception_ptr failure_;
};

/// Keeps the Scope of a child that has not begun; gives up if it never does.
struct GiveUp {
  void operator()(ScopeCore* scope) const { scope->give_up(); }
};

template <class F>
class ScopeBody {
 public:
  template <class G>
  ScopeBody(ScopeCore& scope, G&& body) : body_(std::forward<G>(body)) {
    scope.expect();
    scope_.reset(&scope);
  }

  void operator()() {
    ScopeCore& scope = *scope_.release();
    ScopeMember self;
    scope.enter(self);
    try {
      std::move (*body_)();
    } catch (const Stopped&) {
    } catch (...) {
      scope.fail(std::current_exception());
    }
    body_.reset();  // what it holds may refer to what the owner's block holds
    scope.leave(&self);
  }

 private:
  std::unique_ptr<ScopeCore, GiveUp> scope_;
  std::optional<F> body_;
};

template <class F>
ScopeBody<std::decay_t<F>> in_scope(ScopeCore& scope, F&& body) {
  return {scope, std::forward<F>(body)};
}

}  // namespace detail

class Scope {
 public:
  /// Children run where the calling vthread runs. Errors: EPERM on a platform thread.
  Scope();

  /// Children run on `scheduler`.
  explicit Scope(Scheduler& scheduler) : core_(*scheduler.core_) {}

  /// Asks the children to stop and waits for them, whatever it takes; what they throw is dropped. On a
  /// platform thread, if they belong to a Drive::calling_thread scheduler that nobody runs: runs it.
  ~Scope() { core_.end(); }

  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  /// As Scheduler::start(), but the vthread belongs to the Scope instead of a handle.
  template <class F>
  void start(F&& body) {
    start(StartOptions{}, std::forward<F>(body));
  }
  template <class F>
  void start(const StartOptions& options, F&& body) {
    detail::launch_detached(
        detail::make(core_.scheduler(), options.name, options.stop,
                     detail::in_scope(core_, detail::adapt(std::forward<F>(body)))));
  }

  /// Waits until all children have ended, then throws what the first to fail threw. If the owner is asked to
  /// stop it passes that on, waits even so, and throws Stopped if no child failed. Children may be started
  /// again afterwards.
  /// Errors: EPERM if the caller is not the owner (a child would wait for itself); EDEADLK as VThread::join().
  void join() { core_.join(kNever); }

  /// As join(), but not beyond the deadline: false if that came first.
  bool join_until(Deadline deadline) { return core_.join(deadline); }
  bool join_for(std::chrono::nanoseconds duration) { return core_.join(deadline_after(duration)); }

  /// Asks all children to stop, those of now and those to come.
  void request_stop() { core_.request_stop(); }
  bool stop_requested() const { return core_.is_stopped(); }

 private:
  detail::ScopeCore core_;
};

}  // namespace vthreads
