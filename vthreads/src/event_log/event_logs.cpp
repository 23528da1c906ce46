#include "event_log/event_logs.h"

#include <algorithm>
#include <bit>
#include <system_error>
#include <vector>

namespace vthreads::detail {

EventLogs::EventLogs(std::size_t records_per_ring)
    : records_(std::bit_ceil(std::max(records_per_ring, EventRing::kMinRecords))),
      outside_(rings_.emplace_back(kOutside, records_)) {}

EventRing& EventLogs::add_carrier(std::uint32_t index) {
  const std::lock_guard lock(growing_);
  return rings_.emplace_back(index, records_);
}

void EventLogs::write_outside(Event event) {
  const std::lock_guard lock(outside_lock_);
  outside_.write(event);
}

void EventLogs::drain(const std::function<void(std::span<const Event>)>& take) {
  if (draining_.exchange(true, std::memory_order_acquire)) {
    throw std::system_error(std::make_error_code(std::errc::device_or_resource_busy),
                            "vthreads: the event log is being drained by another");
  }
  struct Release {
    std::atomic<bool>& flag;
    ~Release() { flag.store(false, std::memory_order_release); }
  } const release{draining_};
  std::vector<EventRing*> rings;
  {
    const std::lock_guard lock(growing_);
    for (EventRing& ring : rings_) rings.push_back(&ring);
  }
  for (EventRing* const ring : rings) ring->drain(take);
}

}  // namespace vthreads::detail
