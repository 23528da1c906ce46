// counters.h — the C++ view of counters.def: what can be counted, and what a count means. No
// libbpf.
#pragma once

#include <cstddef>
#include <string_view>

namespace vtlab::probes {

enum class Counter : unsigned {
#define VT_COUNTER(id, question, function_means, tracepoint_means) id,
#include "probes/counters.def"
#undef VT_COUNTER
};

struct CounterText {
  Counter counter;
  std::string_view id;
  std::string_view question;
  std::string_view function_means;    ///< one count on a rung that probes the kernel function
  std::string_view tracepoint_means;  ///< one count on a rung that probes its tracepoint twin
};

inline constexpr CounterText kCounters[] = {
#define VT_COUNTER(id, question, function_means, tracepoint_means) \
  {Counter::id, #id, question, function_means, tracepoint_means},
#include "probes/counters.def"
#undef VT_COUNTER
};

inline constexpr std::size_t kCounterCount = std::size(kCounters);

constexpr const CounterText& text(Counter counter) {
  return kCounters[static_cast<std::size_t>(counter)];
}

/// Asked only when creations are recorded, or totals kept (SessionOptions): their hooks are passed by every
/// system call of the machine.
constexpr bool only_for_creations(Counter counter) {
  return counter == Counter::sys_enter || counter == Counter::sys_exit;
}

/// Asked only when scheduling is recorded (SessionOptions): its hook is passed by every wake-up of
/// the machine.
constexpr bool only_for_scheduling(Counter counter) {
  return counter == Counter::wakeups;
}

/// Asked only when totals are kept: nobody else needs it.
constexpr bool only_for_totals(Counter counter) {
  return counter == Counter::migrations;
}

/// Asked only when system calls are recorded, for the same reason.
constexpr bool only_for_calls(Counter counter) {
  return counter == Counter::calls || counter == Counter::returns;
}

}  // namespace vtlab::probes
