// timeline_words.h — what documents call the enumerators of a timeline. The place of a word is the enumerator's number.
#pragma once

#include <string_view>

#include "result/timeline.h"

namespace vtlab::result {

inline constexpr std::string_view kRunEndWords[] = {"blocked", "yielded", "preempted", "ended",
                                                    "open"};
inline constexpr std::string_view kWokenByWords[] = {"nobody", "task", "interrupt", "outside"};
inline constexpr std::string_view kMountEndWords[] = {"parked", "yielded", "done", "blocking",
                                                      "open"};
inline constexpr std::string_view kKindWords[] = {
    "start", "park",  "unpark",     "signal",   "pin",           "unpin",        "block", "unblock",
    "done",  "steal", "compensate", "hand_off", "carrier_start", "carrier_stop", "sleep", "wake"};
inline constexpr std::string_view kActorWords[] = {"nobody",     "unit",     "task",
                                                   "descriptor", "deadline", "earlier_signal"};

inline std::string_view word(Timeline::RunEnd end) {
  return kRunEndWords[static_cast<std::size_t>(end)];
}
inline std::string_view word(Timeline::MountEnd end) {
  return kMountEndWords[static_cast<std::size_t>(end)];
}
inline std::string_view word(Timeline::Kind kind) {
  return kKindWords[static_cast<std::size_t>(kind)];
}

}  // namespace vtlab::result
