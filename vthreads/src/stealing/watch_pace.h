// watch_pace.h — how soon a carrier that has fallen asleep as the watch (idle_set.h) looks for late work.
//
// Rule      A theft costs both carriers together some 50 µs. A thief that is asleep again before twice that has
//           passed came too early: the work it took was not worth more. Next time it waits twice as long,
//           until there is more to be taken at once; else half as long.
// Why       A vthread that starts a crowd lets nobody else on its carrier. Without this the other carrier
//           comes every 50 µs for the 40 vthreads that were started meanwhile (docs/decisions/0066).
// Threads   The carrier's own.
#pragma once

#include <algorithm>
#include <chrono>

#include "vthreads/stop.h"

namespace vthreads::detail {

class WatchPace {
 public:
  static constexpr std::chrono::microseconds kSoonest{50}, kLatest{400}, kWorth{100};

  /// Took over work at `now`.
  void stole(Deadline now) { stole_at_ = now; }

  bool has_stolen() const { return stole_at_ != Deadline{}; }

  /// Falls asleep; `now` is not needed unless has_stolen(). Returns how long until the first look.
  std::chrono::nanoseconds first_tick(Deadline now) {
    const bool too_early = has_stolen() && now - stole_at_ < kWorth;
    stole_at_ = {};
    tick_ = too_early ? std::min(tick_ * 2, kLatest) : std::max(tick_ / 2, kSoonest);
    return tick_;
  }

 private:
  std::chrono::microseconds tick_ = kSoonest;
  Deadline stole_at_{};
};

}  // namespace vthreads::detail
