#include "scenarios/unit_log.h"

#include <time.h>

namespace vtlab {

std::uint64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(now.tv_nsec);
}

std::size_t UnitLog::bytes(std::uint32_t units) {
  return sizeof(UnitLogHeader) + std::size_t{units} * sizeof(UnitRecord);
}

UnitLog::UnitLog(void* memory, std::uint32_t units)
    : header_(static_cast<UnitLogHeader*>(memory)),
      records_(reinterpret_cast<UnitRecord*>(header_ + 1), units) {}

void UnitLog::asked(std::uint32_t unit) {
  records_[unit].asked_ns.store(monotonic_ns(), std::memory_order_relaxed);
}

void UnitLog::began(std::uint32_t unit, pid_t tid) {
  records_[unit].first_tid.store(static_cast<std::uint32_t>(tid), std::memory_order_relaxed);
}

void UnitLog::finished(std::uint32_t unit, pid_t tid) {
  records_[unit].last_tid.store(static_cast<std::uint32_t>(tid), std::memory_order_relaxed);
  records_[unit].finished_ns.store(monotonic_ns(), std::memory_order_relaxed);
  header_->finished.fetch_add(1, std::memory_order_relaxed);
}

void UnitLog::failed(std::uint32_t unit, int error) {
  records_[unit].error.store(static_cast<std::uint32_t>(error), std::memory_order_relaxed);
}

}  // namespace vtlab
