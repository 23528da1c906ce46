#include "gmp/gmp_scheduler.h"

#include <numeric>
#include <system_error>
#include <utility>

#include "futex.h"

namespace vthreads::detail::gmp {

GmpScheduler::GmpScheduler(const Config& config)
    : SchedulerCore(config),
      most_ms_(most_carriers_of(config)),
      seed_(config.seed),
      start_carrier_(config.start_carrier),
      ms_(std::make_unique<std::unique_ptr<M>[]>(most_ms_)) {
  const unsigned count = carriers_of(config);
  const std::uint32_t slots = run_queue_slots_of(config);
  for (unsigned i = 0; i < count; ++i) ps_.push_back(std::make_unique<P>(i, slots));
  for (std::uint32_t stride = 1; stride <= count; ++stride) {
    if (std::gcd(stride, count) == 1) strides_.push_back(stride);
  }
  idle_ps_.reserve(count);
  idle_ms_.reserve(most_ms_);
  locked_ms_.reserve(most_ms_);
  for (unsigned i = count; i > 0; --i) put_idle_p(*ps_[i - 1]);
  // One M from the start: so a lack of OS threads later can make things slow, but not stop them.
  try {
    launch_m(*new_m());
    const auto body = [this] { sysmon(); };
    os_threads_.push_back(config.start_monitor ? config.start_monitor(body) : std::thread(body));
  } catch (...) {
    stop_all();
    throw;
  }
}

void GmpScheduler::run() {
  throw std::system_error(std::make_error_code(std::errc::operation_not_permitted),
                          "vthreads: run() with Drive::own_threads");
}

// --- the end -------------------------------------------------------------------------------------

void GmpScheduler::drain_and_stop() {
  draining_.store(true, std::memory_order_seq_cst);
  for (;;) {
    const std::uint32_t seen = drained_.load(std::memory_order_seq_cst);
    Deadline until = kNever;
    if (is_quiet()) {
      if (alive() == 0) break;
      if (earliest_deadline() == kNever) until = forgotten_.rescue(stats().mounts);
    }
    futex_wait(drained_, seen, until);
  }
  stop_all();
}

// A G that runs has a P; so has one in a system call, or else it was retaken and the G is alive.
bool GmpScheduler::is_quiet() {
  const Lock lock(lock_);
  return idle_ps_.size() == ps_.size() && global_.empty();
}

void GmpScheduler::stop_all() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard growing(growing_);
    stopping_.store(true, std::memory_order_seq_cst);
    threads = std::move(os_threads_);
  }
  std::vector<M*> idle;
  {
    const Lock lock(lock_);
    idle = std::exchange(idle_ms_, {});
  }
  for (M* const m : idle) m->wake();
  poller_.call_back();
  wake_sysmon();
  for (std::thread& thread : threads) thread.join();
}

// What has finished is read first: so the difference is never too small.
std::uint64_t GmpScheduler::alive() const {
  std::uint64_t finished = 0, started = 0;
  for_ms([&](const M& m) { finished += m.finished.read(); });
  for_ms([&](const M& m) { started += m.started.read(); });
  return started + started_outside_.load(std::memory_order_seq_cst) - finished;
}

Stats GmpScheduler::stats() const {
  Stats sum;
  sum.carriers = ms_started_.load(std::memory_order_relaxed);
  sum.handoffs = handoffs_.load(std::memory_order_relaxed);
  sum.vthreads_alive = alive();
  sum.vthreads_started = started_outside_.load(std::memory_order_relaxed);
  for_ms([&](const M& m) {
    sum.vthreads_started += m.started.read();
    sum.mounts += m.mounts.read();
    sum.parks += m.parks.read();
    sum.steals += m.steals.read();
  });
  return sum;
}

// --- from outside --------------------------------------------------------------------------------

void GmpScheduler::inject(G& g) {
  VThreadList one;
  one.push_back(g);
  inject_all(std::move(one));
}

void GmpScheduler::inject_all(VThreadList gs) {
  if (gs.empty()) return;
  {
    const Lock lock(lock_);
    global_.append(std::move(gs));
    global_count_.store(global_.size(), std::memory_order_seq_cst);
  }
  wake_p();
}

}  // namespace vthreads::detail::gmp
