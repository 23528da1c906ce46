// names.cpp — the words for what the log says in numbers.
#include <array>
#include <cstddef>

#include "vthreads/event_log.h"

namespace vthreads {
namespace {

template <class Number, std::size_t kCount>
std::string_view word(const std::array<std::string_view, kCount>& words, Number number) {
  const auto index = static_cast<std::size_t>(number);
  return index < kCount ? words[index] : "?";
}

}  // namespace

std::string_view name_of(WaitReason reason) {
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"other",           "park",       "sleep",        "join",
       "scope",           "mutex",      "shared_mutex", "condition_variable",
       "semaphore",       "latch",      "wait_group",   "channel_send",
       "channel_receive", "select",     "io_read",      "io_write",
       "io_accept",       "io_connect", "io_poll",      "file"});
  return word(kWords, reason);
}

std::string_view name_of(UnmountReason reason) {
  static constexpr auto kWords =
      std::to_array<std::string_view>({"park", "yield", "done", "done_to_joiner", "blocking"});
  return word(kWords, reason);
}

std::string_view name_of(Actor actor) {
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"caller", "platform_thread", "vthread", "readiness", "deadline", "earlier_signal"});
  return word(kWords, actor);
}

std::string_view name_of(SleepPlace place) {
  static constexpr auto kWords = std::to_array<std::string_view>({"futex", "poller"});
  return word(kWords, place);
}

std::string_view name_of(SpareReason reason) {
  static constexpr auto kWords = std::to_array<std::string_view>({"called", "started"});
  return word(kWords, reason);
}

std::string_view name_of(HandOffReason reason) {
  static constexpr auto kWords =
      std::to_array<std::string_view>({"retaken", "called", "started", "pinned"});
  return word(kWords, reason);
}

std::string_view name_of(EventKind kind) {
  static constexpr auto kWords = std::to_array<std::string_view>({"?",
                                                                  "start",
                                                                  "mount",
                                                                  "unmount",
                                                                  "park",
                                                                  "unpark",
                                                                  "signal",
                                                                  "pin_wait",
                                                                  "pin_resume",
                                                                  "blocking_enter",
                                                                  "blocking_exit",
                                                                  "done",
                                                                  "steal",
                                                                  "compensate",
                                                                  "hand_off",
                                                                  "carrier_start",
                                                                  "carrier_stop",
                                                                  "carrier_sleep",
                                                                  "carrier_wake",
                                                                  "lost"});
  return word(kWords, kind);
}

std::string_view reason_name_of(const Event& event) {
  using enum EventKind;
  switch (event.kind) {
    case start:
    case unpark:
    case signal:
      return name_of(static_cast<Actor>(event.reason));
    case unmount:
      return name_of(static_cast<UnmountReason>(event.reason));
    case park:
    case pin_wait:
      return name_of(static_cast<WaitReason>(event.reason));
    case compensate:
      return name_of(static_cast<SpareReason>(event.reason));
    case hand_off:
      return name_of(static_cast<HandOffReason>(event.reason));
    case carrier_sleep:
      return name_of(static_cast<SleepPlace>(event.reason));
    default:
      return {};
  }
}

}  // namespace vthreads
