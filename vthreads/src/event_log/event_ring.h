// event_ring.h — the records of one writer on their way to one reader.
//
// Owns      the memory of its records. Pages that were never written cost nothing.
// Rule      When it is full, new records are dropped and counted. Dropped ones are a gap, which becomes one
//           record `lost` with the time of the first of them: the writer puts it in front of the next record that
//           it can write, or the reader takes it, whoever comes first.
// Rule      Records that belong together are written all or none.
// Threads   write: one at a time, and each after the other (a carrier; EventLogs' lock for the outside). drain:
//           one at a time. Both at once are fine.
// Rejected  Overwriting the oldest: the reader would have to check every record for being torn, and a log whose
//           beginning is missing explains less than one whose end is.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "vthreads/detail/waiting.h"
#include "vthreads/event_log.h"

namespace vthreads::detail {

/// CLOCK_MONOTONIC.
std::uint64_t monotonic_ns();

class EventRing {
 public:
  /// records: a power of two, at least kMinRecords. Errors: std::bad_alloc.
  EventRing(std::uint32_t carrier, std::size_t records);

  static constexpr std::size_t kMinRecords = 16;

  /// Fills in the carrier.
  void write(std::span<Event> together);
  void write(Event event) { write(std::span(&event, 1)); }

  /// Gives what is there to `take`, a function of a span, in the order of writing, in a few pieces. Makes room
  /// when all is taken; if `take` throws, nothing is.
  template <class Take>
  void drain(Take&& take) {
    const Event gap = take_gap();
    const std::uint64_t from = read_.load(std::memory_order_relaxed);
    const std::uint64_t to = written_.load(std::memory_order_acquire);
    const std::uint64_t wrap = (from | mask_) + 1;  // where the memory starts again
    try {
      if (from != to) take(records(from, to < wrap ? to : wrap));
      if (wrap < to) take(records(wrap, to));
      if (gap.arg != 0) take(std::span(&gap, 1));
    } catch (...) {
      widen_gap(gap.ns, gap.arg);
      throw;
    }
    read_.store(to, std::memory_order_release);
  }

 private:
  std::span<const Event> records(std::uint64_t from, std::uint64_t to) const {
    return {&slot(from), static_cast<std::size_t>(to - from)};
  }
  Event& slot(std::uint64_t position) const {
    return reinterpret_cast<Event*>(memory_.get())[position & mask_];
  }
  void widen_gap(std::uint64_t since, std::uint64_t count);
  Event take_gap();

  const std::uint32_t carrier_;
  const std::uint64_t mask_;
  const std::unique_ptr<std::byte[]> memory_;  // not Event[], which would be written to here
  // Positions count up for ever.
  alignas(64) std::atomic<std::uint64_t> written_{0};
  std::uint64_t read_seen_ = 0;  // by the writer
  alignas(64) std::atomic<std::uint64_t> read_{0};

  SpinLock gap_lock_;
  std::uint64_t gap_since_ = 0;
  std::atomic<std::uint64_t> gap_{0};  // changed under the lock only
};

}  // namespace vthreads::detail
