#include "vthread.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "fatal.h"

namespace vthreads::detail {
namespace {

// Besides kPermit and kEvent: this wait is ended by a permit too. Set while Parking or Parked.
constexpr std::uint32_t kByPermit = 1U << 10;
constexpr std::uint32_t kStateMask = 0xff;

// What joiner_ holds when it holds no thread.
constexpr std::uintptr_t kNobody = 0;
constexpr std::uintptr_t kDetached = 1;
constexpr std::uintptr_t kFinished = 2;

using enum State;
constexpr std::array<std::pair<State, State>, 8> kTable{{
    {New, Runnable},
    {Runnable, Running},
    {Running, Parking},
    {Parking, Parked},
    {Parking, Runnable},
    {Parked, Runnable},
    {Running, Runnable},
    {Running, Done},
}};

constexpr std::array<std::string_view, 6> kNames{"New",     "Runnable", "Running",
                                                 "Parking", "Parked",   "Done"};

std::string_view name(State state) {
  const auto index = static_cast<std::size_t>(state);
  return index < kNames.size() ? kNames[index] : "a state that does not exist";
}

State state_of(std::uint32_t word) {
  return static_cast<State>(word & kStateMask);
}

std::atomic<std::uint64_t> last_id{0};

// Ends as an exception ends that leaves a std::thread: std::terminate() sees it as the current one
// and can tell what it was.
[[noreturn]] void terminate_with(const std::exception_ptr& error) noexcept {
  std::rethrow_exception(error);
}

}  // namespace

bool is_legal(State from, State to) {
  return std::find(kTable.begin(), kTable.end(), std::pair{from, to}) != kTable.end();
}

ControlBlock::ControlBlock(SchedulerCore& owner, std::span<std::byte> stack)
    : ThreadCore(true), scheduler(owner), continuation_(stack, &ControlBlock::live, this) {}

void ControlBlock::begin(Body body) {
  body_ = std::move(body);
  error = nullptr;
  next = nullptr;
  id = last_id.fetch_add(1, std::memory_order_relaxed) + 1;
  joiner_.store(kNobody, std::memory_order_relaxed);
  references.store(2, std::memory_order_relaxed);
  word.store(static_cast<std::uint32_t>(New), std::memory_order_relaxed);
}

// The one place where a state changes.
bool ControlBlock::change(std::uint32_t seen, State to, std::uint32_t flags) {
  if (!is_legal(state_of(seen), to)) {
    fatal("vthread " + std::to_string(id) + " may not go from " +
          std::string(name(state_of(seen))) + " to " + std::string(name(to)));
  }
  return word.compare_exchange_strong(seen, static_cast<std::uint32_t>(to) | flags,
                                      std::memory_order_acq_rel, std::memory_order_relaxed);
}

State ControlBlock::state() const {
  return state_of(word.load(std::memory_order_acquire));
}

void ControlBlock::started() {
  for (;;) {
    const std::uint32_t seen = word.load(std::memory_order_relaxed);
    if (change(seen, Runnable, seen & kPermit)) return;
  }
}

void ControlBlock::mount() {
  for (;;) {
    const std::uint32_t seen = word.load(std::memory_order_relaxed);
    if (change(seen, Running, seen & (kPermit | kEvent))) break;
  }
  continuation_.mount();
}

void ControlBlock::live(void* self) noexcept {
  auto& vthread = *static_cast<ControlBlock*>(self);
  try {
    vthread.body_();
  } catch (...) {
    vthread.error = std::current_exception();
  }
  vthread.body_.reset();
  for (;;) {
    const std::uint32_t seen = vthread.word.load(std::memory_order_relaxed);
    if (vthread.change(seen, Done, seen & kPermit)) return;
  }
}

void ControlBlock::yield() {
  continuation_.unmount();
}

void ControlBlock::finish_yield() {
  for (;;) {
    const std::uint32_t seen = word.load(std::memory_order_relaxed);
    if (change(seen, Runnable, seen & (kPermit | kEvent))) return;
  }
}

Wake ControlBlock::park(bool by_permit) {
  for (;;) {
    std::uint32_t seen = word.load(std::memory_order_acquire);
    const bool event = (seen & kEvent) != 0;
    if (event || (by_permit && (seen & kPermit) != 0)) {
      word.fetch_and(event ? ~kEvent : ~kPermit, std::memory_order_acq_rel);
      return event ? Wake::event : Wake::permit;
    }
    if (change(seen, Parking, (seen & kPermit) | (by_permit ? kByPermit : 0))) break;
  }
  continuation_.unmount();
  return woken_by_;
}

bool ControlBlock::finish_park() {
  for (;;) {
    const std::uint32_t seen = word.load(std::memory_order_acquire);
    const bool event = (seen & kEvent) != 0;
    if (event || ((seen & kByPermit) != 0 && (seen & kPermit) != 0)) {
      if (!change(seen, Runnable, seen & (event ? kPermit : 0))) continue;
      woken_by_ = event ? Wake::event : Wake::permit;
      return false;
    }
    if (change(seen, Parked, seen & (kPermit | kByPermit))) return true;
  }
}

bool ControlBlock::unpark() {
  for (;;) {
    std::uint32_t seen = word.load(std::memory_order_acquire);
    if ((seen & kPermit) != 0) return false;
    if (state_of(seen) == Parked && (seen & kByPermit) != 0) {
      if (!change(seen, Runnable, 0)) continue;
      woken_by_ = Wake::permit;
      return true;
    }
    if (word.compare_exchange_strong(seen, seen | kPermit, std::memory_order_acq_rel)) return false;
  }
}

bool ControlBlock::signal() {
  for (;;) {
    std::uint32_t seen = word.load(std::memory_order_acquire);
    if (state_of(seen) == Parked) {
      if (!change(seen, Runnable, seen & kPermit)) continue;
      woken_by_ = Wake::event;
      return true;
    }
    if (word.compare_exchange_strong(seen, seen | kEvent, std::memory_order_acq_rel)) return false;
  }
}

void ControlBlock::drop_event() {
  word.fetch_and(~kEvent, std::memory_order_acq_rel);
}

bool ControlBlock::begin_join(ThreadCore& joiner) {
  std::uintptr_t seen = kNobody;
  return joiner_.compare_exchange_strong(seen, reinterpret_cast<std::uintptr_t>(&joiner),
                                         std::memory_order_acq_rel);
}

void ControlBlock::detach() {
  std::uintptr_t seen = kNobody;
  const bool alive = joiner_.compare_exchange_strong(seen, kDetached, std::memory_order_acq_rel);
  if (!alive && error != nullptr) terminate_with(error);
}

ThreadCore* ControlBlock::finish() {
  const std::uintptr_t joiner = joiner_.exchange(kFinished, std::memory_order_acq_rel);
  if (joiner == kNobody) return nullptr;
  if (joiner != kDetached) return reinterpret_cast<ThreadCore*>(joiner);
  if (error != nullptr) terminate_with(error);
  return nullptr;
}

}  // namespace vthreads::detail
