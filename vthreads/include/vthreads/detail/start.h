// start.h — from a callable to a vthread that is ready to be launched.
//
// Rule      What an option needs is wrapped around the body, so that a start without options costs nothing more.
#pragma once

#include <stop_token>
#include <string_view>
#include <type_traits>
#include <utility>

#include "vthreads/detail/body.h"

namespace vthreads::detail {

class ControlBlock;
class SchedulerCore;

/// The body of a fresh vthread, to be set; then launch, or abandon if that failed.
struct Fresh {
  ControlBlock& vthread;
  Body& body;
};
Fresh prepare(SchedulerCore& scheduler);
void set_name(ControlBlock& vthread, std::string_view name);
void launch(ControlBlock& vthread);
void launch_detached(ControlBlock& vthread);
void abandon(ControlBlock& vthread);

std::stop_token stop_token_of_caller();

struct AskToStop {
  void operator()() const noexcept;
  ControlBlock& vthread;
};
AskToStop ask_caller_to_stop();

/// A body that is asked to stop when the token is.
template <class F>
struct StoppedBy {
  std::stop_token token;
  F body;
  void operator()() {
    const std::stop_callback<AskToStop> link(std::move(token), ask_caller_to_stop());
    std::move(body)();
  }
};

/// A body that takes its stop_token.
template <class F>
struct TakesToken {
  F body;
  void operator()() { std::move(body)(stop_token_of_caller()); }
};

/// The callable as one without arguments; itself if it is one.
template <class F>
decltype(auto) adapt(F&& body) {
  using Callable = std::decay_t<F>;
  if constexpr (std::is_invocable_v<Callable, std::stop_token>) {
    return TakesToken<Callable>{std::forward<F>(body)};
  } else {
    return std::forward<F>(body);
  }
}

/// A vthread to be launched. Errors: as Scheduler::start().
template <class F>
ControlBlock& make(SchedulerCore& scheduler, std::string_view name, F&& body) {
  const Fresh fresh = prepare(scheduler);
  try {
    fresh.body.emplace(std::forward<F>(body));
  } catch (...) {
    abandon(fresh.vthread);
    throw;
  }
  if (!name.empty()) set_name(fresh.vthread, name);
  return fresh.vthread;
}

template <class F>
ControlBlock& make(SchedulerCore& scheduler, std::string_view name, const std::stop_token& stop,
                   F&& body) {
  if (!stop.stop_possible()) return make(scheduler, name, std::forward<F>(body));
  return make(scheduler, name, StoppedBy<std::decay_t<F>>{stop, std::forward<F>(body)});
}

}  // namespace vthreads::detail
