#include "event_log/event_ring.h"

#include <algorithm>
#include <chrono>
#include <mutex>

namespace vthreads::detail {

std::uint64_t monotonic_ns() {
  const std::chrono::nanoseconds now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(now.count());
}

EventRing::EventRing(std::uint32_t carrier, std::size_t records)
    : carrier_(carrier),
      mask_(records - 1),
      memory_(std::make_unique_for_overwrite<std::byte[]>(records * sizeof(Event))) {}

void EventRing::write(std::span<Event> together) {
  const std::uint64_t at = written_.load(std::memory_order_relaxed);
  const std::size_t needed = together.size() + 1;  // one for a gap
  if (at + needed - read_seen_ > mask_ + 1) {
    read_seen_ = read_.load(std::memory_order_acquire);
    if (at + needed - read_seen_ > mask_ + 1)
      return widen_gap(together.front().ns, together.size());
  }
  std::uint64_t end = at;
  if (gap_.load(std::memory_order_relaxed) != 0) [[unlikely]] {
    if (const Event gap = take_gap(); gap.arg != 0) slot(end++) = gap;
  }
  for (Event& event : together) {
    event.carrier = carrier_;
    slot(end++) = event;
  }
  written_.store(end, std::memory_order_release);
}

void EventRing::widen_gap(std::uint64_t since, std::uint64_t count) {
  if (count == 0) return;
  const std::lock_guard lock(gap_lock_);
  const std::uint64_t before = gap_.load(std::memory_order_relaxed);
  gap_since_ = before == 0 ? since : std::min(gap_since_, since);
  gap_.store(before + count, std::memory_order_relaxed);
}

Event EventRing::take_gap() {
  const std::lock_guard lock(gap_lock_);
  return {.ns = gap_since_,
          .arg = gap_.exchange(0, std::memory_order_relaxed),
          .carrier = carrier_,
          .kind = EventKind::lost};
}

}  // namespace vthreads::detail
