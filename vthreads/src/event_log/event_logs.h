// event_logs.h — all event logs of one scheduler: a ring per carrier, and one for everybody else.
//
// Owns      the rings.
// Rule      A ring, once added, stays where it is as long as this.
// Threads   Anybody; drain: one at a time, others are refused.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <span>

#include "event_log/event_ring.h"

namespace vthreads::detail {

class EventLogs {
 public:
  /// Rounded up to a power of two. Errors: std::bad_alloc.
  explicit EventLogs(std::size_t records_per_ring);

  EventRing& add_carrier(std::uint32_t index);

  /// Not from a carrier of this scheduler.
  void write_outside(Event event);

  /// See Scheduler::drain_events().
  void drain(const std::function<void(std::span<const Event>)>& take);

 private:
  const std::size_t records_;
  SpinLock outside_lock_;
  std::mutex growing_;  // guards additions to rings_
  std::deque<EventRing> rings_;
  EventRing& outside_;
  std::atomic<bool> draining_{false};
};

}  // namespace vthreads::detail
