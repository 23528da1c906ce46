// unit_log.h — when each unit was asked for, began and finished, and on which kernel task it ran.
//
// Lives in shared memory that vtlab made (a memfd): forked units write to it too, vtlab reads it
// while the workload runs (progress) and after it (latencies), also if the workload crashed. Times
// are CLOCK_MONOTONIC, as BPF's.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <span>

namespace vtlab {

/// Written by the unit itself (asked_ns by whoever starts it). All zero: nobody asked for it yet.
struct UnitRecord {
  std::atomic<std::uint64_t> asked_ns;
  std::atomic<std::uint64_t> finished_ns;
  std::atomic<std::uint32_t> first_tid;  ///< kernel task on which it began
  std::atomic<std::uint32_t> last_tid;   ///< kernel task on which it finished
  std::atomic<std::uint32_t> error;      ///< errno of what failed in it; 0 if it did its work
  std::uint32_t unused;
};
static_assert(sizeof(UnitRecord) == 32);

struct UnitLogHeader {
  std::atomic<std::uint32_t> finished;  ///< units, for progress
  std::uint32_t unused[15];
};
static_assert(sizeof(UnitLogHeader) == 64);

/// A view of the shared memory; does not own it.
class UnitLog {
 public:
  static std::size_t bytes(std::uint32_t units);

  /// `memory` must have bytes(units) and outlive the view.
  UnitLog(void* memory, std::uint32_t units);

  void asked(std::uint32_t unit);
  void began(std::uint32_t unit, pid_t tid);
  void finished(std::uint32_t unit, pid_t tid);
  void failed(std::uint32_t unit, int error);

  std::uint32_t finished_count() const { return header_->finished.load(std::memory_order_relaxed); }
  std::span<const UnitRecord> records() const { return records_; }

 private:
  UnitLogHeader* header_;
  std::span<UnitRecord> records_;
};

std::uint64_t monotonic_ns();

}  // namespace vtlab
