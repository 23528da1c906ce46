#include "stealing/stealing_scheduler.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "event_log/note.h"
#include "fatal.h"
#include "futex.h"

namespace vthreads::detail {
namespace {

constexpr std::size_t kWakeAtOnce = 64;  // at least Carrier::kLookAroundEvery: else some starve

[[noreturn]] void refuse(std::errc code, const char* what) {
  throw std::system_error(std::make_error_code(code), what);
}

}  // namespace

StealingScheduler::StealingScheduler(const Config& config)
    : SchedulerCore(config),
      by_calling_thread_(config.drive == Config::Drive::calling_thread),
      wanted_(carriers_of(config)),
      most_carriers_(most_carriers_of(config)),
      run_queue_slots_(run_queue_slots_of(config)),
      seed_(config.seed),
      shuffle_(config.shuffle),
      start_carrier_(config.start_carrier),
      carriers_(std::make_unique<std::unique_ptr<StealingCarrier>[]>(most_carriers_)) {
  for (unsigned i = 0; i < wanted_; ++i) add_carrier();
  if (by_calling_thread_) return;
  try {
    for_carriers([this](StealingCarrier& carrier) { start_carrier(carrier); });
  } catch (...) {
    stop_carriers();
    throw;
  }
}

StealingCarrier* StealingScheduler::add_carrier() {
  const unsigned index = carrier_count_.load(std::memory_order_relaxed);
  if (index == most_carriers_) return nullptr;
  carriers_[index] =
      std::make_unique<StealingCarrier>(*this, index, run_queue_slots_, seed_, shuffle_);
  carrier_count_.store(index + 1, std::memory_order_release);
  return carriers_[index].get();
}

void StealingScheduler::start_carrier(StealingCarrier& carrier) {
  idle_.add_awake();
  auto body = [&carrier] { carrier.run(); };
  try {
    os_threads_.push_back(start_carrier_ ? start_carrier_(body) : std::thread(body));
  } catch (...) {
    idle_.remove_awake();
    throw;
  }
}

void StealingScheduler::stop_carriers() {
  stopping_.store(true, std::memory_order_seq_cst);
  for (;;) {
    const IdleSet::Call next = idle_.take_one(true);
    if (next.carrier == nullptr) break;
    call(next);
  }
  for (std::thread& thread : os_threads_) thread.join();
}

void StealingScheduler::drain_and_stop() {
  if (by_calling_thread_) {
    if (alive() == 0) return;
    if (current_carrier() != nullptr || running_.load())
      fatal("a Scheduler with vthreads must not be destroyed on a vthread, or during its run()");
    draining_.store(true, std::memory_order_seq_cst);
    return run();
  }
  draining_.store(true, std::memory_order_seq_cst);
  for (;;) {
    const std::uint32_t seen = drained_.load(std::memory_order_seq_cst);
    Deadline until = kNever;
    if (idle_.nobody_is_awake() && inject_.empty()) {
      if (alive() == 0) break;
      if (!has_deadlines()) until = forgotten_.rescue(stats().mounts);
    }
    futex_wait(drained_, seen, until);
  }
  stop_carriers();
}

bool StealingScheduler::has_deadlines() const {
  bool timers = false;
  for_carriers(
      [&](const StealingCarrier& carrier) { timers |= carrier.own_timers.earliest() != kNever; });
  return timers;
}

// A carrier is awake no more.
void StealingScheduler::tell_drain() {
  if (by_calling_thread_ || !draining_.load(std::memory_order_seq_cst)) return;
  drained_.fetch_add(1, std::memory_order_seq_cst);
  futex_wake(drained_);
}

void StealingScheduler::run() {
  if (!by_calling_thread_)
    refuse(std::errc::operation_not_permitted, "vthreads: run() with Drive::own_threads");
  if (current_carrier() != nullptr)
    refuse(std::errc::resource_deadlock_would_occur, "vthreads: run() on a vthread");
  if (running_.exchange(true))
    refuse(std::errc::device_or_resource_busy, "vthreads: run() while another is in it");
  idle_.add_awake();
  carriers_[0]->run();
  idle_.remove_awake();
  running_.store(false);
}

std::uint64_t StealingScheduler::alive() const {
  // What has finished is read first: so the difference is never too small.
  std::uint64_t finished = 0, started = 0;
  for_carriers([&](const StealingCarrier& carrier) { finished += carrier.finished.read(); });
  for_carriers([&](const StealingCarrier& carrier) { started += carrier.started.read(); });
  return started + started_outside_.load(std::memory_order_seq_cst) - finished;
}

Stats StealingScheduler::stats() const {
  Stats sum;
  sum.carriers = carrier_count_.load(std::memory_order_relaxed);
  sum.vthreads_alive = alive();
  sum.vthreads_started = started_outside_.load(std::memory_order_relaxed);
  for_carriers([&](const StealingCarrier& carrier) {
    sum.vthreads_started += carrier.started.read();
    sum.mounts += carrier.mounts.read();
    sum.parks += carrier.parks.read();
    sum.steals += carrier.steals.read();
  });
  return sum;
}

bool StealingScheduler::shall_stop() const {
  if (by_calling_thread_) return alive() == 0;
  return stopping_.load(std::memory_order_seq_cst);
}

void StealingScheduler::inject(ControlBlock& vthread) {
  VThreadList one;
  one.push_back(vthread);
  inject_.push(std::move(one));
  if (idle_.nobody_is_awake()) call(idle_.take_one());
}

void StealingScheduler::call(const IdleSet::Call& call) {
  if (call.carrier == nullptr) return;
  if (call.polls) {
    poller_.call_back();
  } else {
    call.carrier->wake();
  }
}

ControlBlock* StealingScheduler::take_injected(StealingCarrier& carrier, std::size_t most) {
  VThreadList taken = inject_.take(wanted_, most);
  ControlBlock* const first = taken.pop_front();
  while (ControlBlock* const vthread = taken.pop_front()) carrier.push(*vthread);
  return first;
}

bool StealingScheduler::poll_now(StealingCarrier& carrier) {
  VThreadList runnable;
  poller_.poll_now(runnable);
  expire(carrier, false, runnable);
  const bool any = !runnable.empty();
  while (ControlBlock* const vthread = runnable.pop_front()) carrier.push(*vthread);
  return any;
}

// --- helping others ------------------------------------------------------------------------------

// Looks again later if it cannot tell yet. What is queued behind a vthread that holds its carrier is late.
bool StealingScheduler::is_late(StealingCarrier& observer, const StealingCarrier& other,
                                Deadline now) const {
  using namespace std::chrono_literals;
  constexpr auto kWorthMoving = 50us;
  constexpr auto kForget = 5ms;
  StealingCarrier::Sighting& seen = observer.sightings[other.index];
  const std::uint64_t mounts = other.mounts.read();
  const std::uint32_t queued = other.queue.size();
  if (other.is_blocked.load(std::memory_order_seq_cst)) return queued != 0;
  if (queued == 0 || seen.since == Deadline{} || now - seen.since > kForget) {
    const bool stuck = queued != 0 && seen.since != Deadline{} && seen.mounts == mounts;
    seen = {mounts, stuck ? seen.since : now};
    return stuck;
  }
  return (now - seen.since) * queued >=
         kWorthMoving * std::max<std::uint64_t>(mounts - seen.mounts, 1);
}

bool StealingScheduler::steal(StealingCarrier& carrier) {
  const unsigned count = carrier_count_.load(std::memory_order_acquire);
  if (count == 1) return false;
  const Deadline now = std::chrono::steady_clock::now();
  const unsigned first = carrier.random_below(count);
  for (unsigned i = 0; i < count; ++i) {
    StealingCarrier& other = *carriers_[(first + i) % count];
    if (&other == &carrier || !is_late(carrier, other, now)) continue;
    const std::uint32_t taken = carrier.queue.steal_half(other.queue);
    carrier.sightings[other.index] = {};
    if (taken == 0) continue;
    carrier.pace.stole(now);
    carrier.steals.add(taken);
    note_steal(carrier, other.index, taken);
    return true;
  }
  return false;
}

// --- falling asleep ------------------------------------------------------------------------------

// Its own deadlines, and those of carriers that cannot look after theirs.
Deadline StealingScheduler::wake_up_time(const StealingCarrier& carrier) const {
  Deadline earliest = carrier.own_timers.earliest();
  for_carriers([&](const StealingCarrier& other) {
    if (other.is_blocked.load(std::memory_order_seq_cst))
      earliest = std::min(earliest, other.own_timers.earliest());
  });
  return earliest;
}

// The watch looks after all timers, of carriers that may be held up too. Of a carrier's own that are over no more
// fire than it mounts until it looks again: they would only queue, and be out of its caches when their turn comes.
void StealingScheduler::expire(StealingCarrier& carrier, bool watches, VThreadList& runnable) {
  Deadline now{};
  const auto expire_of = [&](StealingCarrier& other) {
    if (other.own_timers.earliest() == kNever) return;
    if (now == Deadline{}) now = std::chrono::steady_clock::now();
    other.own_timers.expire(now, runnable, &other == &carrier ? kWakeAtOnce : Timers::kAll);
  };
  expire_of(carrier);
  if (!watches) return;
  for_carriers([&](StealingCarrier& other) {
    if (&other != &carrier) expire_of(other);
  });
}

void StealingScheduler::idle(StealingCarrier& carrier) {
  using namespace std::chrono_literals;
  constexpr std::chrono::nanoseconds kLastTick = 2ms, kQuietTick = 10ms;
  const std::chrono::nanoseconds first_tick = carrier.pace.first_tick(
      carrier.pace.has_stolen() ? std::chrono::steady_clock::now() : Deadline{});
  std::chrono::nanoseconds tick = first_tick;
  int quiet_ticks = 0;
  VThreadList runnable;
  carrier.return_blocks(StackTrimmer::kHotStacks);
  bool late = false;
  idle_.join(carrier);
  tell_drain();
  while (runnable.empty() && !late && !shall_stop()) {
    const IdleSet::Roles roles = idle_.roles(carrier);
    if (roles.taken || (is_injected() && idle_.nobody_is_awake())) break;
    const bool watches = roles.watches && most_carriers_ > 1;
    Deadline until = wake_up_time(carrier);
    if (by_calling_thread_ && draining_.load(std::memory_order_relaxed) && !has_deadlines()) {
      until = forgotten_.rescue(carrier.mounts.read());
      if (!carrier.queue.empty()) break;
    }
    if (watches && !(quiet_ticks > 2 && idle_.watch_sleeps_deeply(carrier)))
      until = std::min(until, std::chrono::steady_clock::now() + tick);
    note_carrier_sleep(carrier, roles.polls ? SleepPlace::poller : SleepPlace::futex);
    if (roles.polls) {
      const Deadline trim_at = trimmer_.when();
      poller_.poll_until(std::min(until, trim_at), runnable);
      if (trim_at != kNever && runnable.empty())
        trimmer_.trim([this] { return idle_.nobody_is_awake() && !is_injected(); });
    } else {
      carrier.sleep(until);
    }
    note_carrier_wake(carrier);
    expire(carrier, watches, runnable);
    if (!watches) continue;
    if (idle_.nobody_is_awake()) {
      ++quiet_ticks;
      tick = kQuietTick;
    } else {
      tick = quiet_ticks != 0 ? first_tick : std::min(tick * 2, kLastTick);
      quiet_ticks = 0;
      late = is_injected() || steal(carrier);
    }
  }
  call(idle_.leave(carrier));
  while (ControlBlock* const vthread = runnable.pop_front()) carrier.push(*vthread);
}

// --- compensation --------------------------------------------------------------------------------

void StealingScheduler::enter_blocking(Carrier& blocked) {
  if (by_calling_thread_) return;
  auto& carrier = static_cast<StealingCarrier&>(blocked);
  carrier.is_blocked.store(true, std::memory_order_seq_cst);
  idle_.remove_awake();
  tell_drain();
  const bool work = !carrier.queue.empty() || is_injected();
  const bool deadlines = carrier.own_timers.earliest() != kNever;
  if (idle_.empty()) {
    if (work || idle_.nobody_is_awake()) start_spare(carrier);
  } else if (work || deadlines) {
    const IdleSet::Call spare = idle_.take_one(true);
    if (spare.carrier != nullptr) note_compensate(carrier, *spare.carrier, SpareReason::called);
    call(spare);
  }
}

void StealingScheduler::exit_blocking(ControlBlock& self) {
  self.change(State::running);
  if (by_calling_thread_) return;
  auto& carrier = static_cast<StealingCarrier&>(*self.carrier);
  carrier.is_blocked.store(false, std::memory_order_seq_cst);
  idle_.add_awake();
  call(idle_.deep_watch());
}

void StealingScheduler::start_spare(Carrier& for_whom) {
  const std::lock_guard lock(growing_);
  if (stopping_.load()) return;
  try {
    StealingCarrier* const spare = add_carrier();
    if (spare == nullptr) return;
    start_carrier(*spare);
    note_compensate(for_whom, *spare, SpareReason::started);
  } catch (const std::exception&) {
    // No OS thread to be had: what is queued waits for the blocked one, as with too few carriers.
  }
}

void StealingScheduler::stand_down(StealingCarrier& carrier) {
  VThreadList given = carrier.queue.take_all();
  if (!given.empty()) inject_.push(std::move(given));
}

}  // namespace vthreads::detail
