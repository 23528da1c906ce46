#include "scheduler.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "fatal.h"

namespace vthreads::detail {
namespace {

unsigned cpus_of_this_process() {
  cpu_set_t cpus;
  if (::sched_getaffinity(0, sizeof cpus, &cpus) == 0)
    return static_cast<unsigned>(CPU_COUNT(&cpus));
  return std::max(1U, std::thread::hardware_concurrency());  // more CPUs than cpu_set_t can tell
}

unsigned carriers_of(const Config& config) {
  if (config.drive == Config::Drive::calling_thread) {
    if (config.carriers > 1)
      throw std::invalid_argument("vthreads: one carrier at most with Drive::calling_thread");
    return 1;
  }
  if (config.carriers > kMaxCarriers)
    throw std::invalid_argument("vthreads: more carriers than kMaxCarriers");
  return config.carriers != 0 ? config.carriers : std::min(cpus_of_this_process(), kMaxCarriers);
}

std::uint32_t run_queue_slots_of(const Config& config) {
  const std::uint32_t slots = config.run_queue_slots;
  if (!std::has_single_bit(slots) || slots < 2 || slots > kMaxRunQueueSlots) {
    throw std::invalid_argument(
        "vthreads: run_queue_slots must be a power of two from 2 to kMaxRunQueueSlots");
  }
  return slots;
}

std::size_t stack_bytes_of(const Config& config) {
  if (config.stack_bytes > kMaxStackBytes)
    throw std::invalid_argument("vthreads: stack_bytes above kMaxStackBytes");
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t bytes = std::max({config.stack_bytes, kMinStackBytes, 4 * page});
  return (bytes + page - 1) / page * page;
}

std::error_code posix_error(std::errc code) {
  return std::make_error_code(code);
}

}  // namespace

SchedulerCore::SchedulerCore(const Config& config)
    : by_calling_thread_(config.drive == Config::Drive::calling_thread),
      stacks_(*this, stack_bytes_of(config)) {
  const unsigned carriers = carriers_of(config);
  const std::uint32_t slots = run_queue_slots_of(config);
  for (unsigned i = 0; i < carriers; ++i) {
    carriers_.push_back(std::make_unique<Carrier>(*this, i, slots, config.seed));
  }
  if (!by_calling_thread_) start_carriers(config);
}

void SchedulerCore::start_carriers(const Config& config) {
  try {
    for (const auto& carrier : carriers_) {
      auto body = [&carrier = *carrier] { carrier.run(); };
      os_threads_.push_back(config.start_carrier ? config.start_carrier(body) : std::thread(body));
    }
  } catch (...) {
    stop_carriers();
    throw;
  }
}

void SchedulerCore::stop_carriers() {
  stopping_.store(true, std::memory_order_seq_cst);
  for (;;) {
    const IdleSet::Woken woken = idle_.take_any();
    if (woken.carrier == nullptr) break;
    wake(woken);
  }
  for (std::thread& thread : os_threads_) thread.join();
}

void SchedulerCore::retire() {
  const Carrier* const here = current_carrier();
  if (here != nullptr && &here->scheduler == this)
    fatal("a Scheduler must not be destroyed by its own vthread");
  if (by_calling_thread_) {
    if (alive_.load(std::memory_order_acquire) != 0) run();
  } else {
    draining_.store(true, std::memory_order_seq_cst);
    while (const std::uint32_t alive = alive_.load(std::memory_order_seq_cst))
      futex_wait(alive_, alive);
    stop_carriers();
  }
  if (stacks_.retire()) delete this;
}

void SchedulerCore::release(ControlBlock& vthread) {
  if (stacks_.release(vthread)) delete this;
}

VThread SchedulerCore::start(Body body) {
  ControlBlock& vthread = stacks_.acquire();
  vthread.begin(std::move(body));
  alive_.fetch_add(1, std::memory_order_relaxed);
  Carrier* const here = current_carrier();
  if (here != nullptr && &here->scheduler == this) {
    here->started.add(1);
  } else {
    started_outside_.fetch_add(1, std::memory_order_relaxed);
  }
  vthread.started();
  make_runnable(vthread);
  return VThread(vthread);
}

void SchedulerCore::run() {
  if (!by_calling_thread_) {
    throw std::system_error(posix_error(std::errc::operation_not_permitted),
                            "vthreads: run() with Drive::own_threads");
  }
  if (current_carrier() != nullptr) {
    throw std::system_error(posix_error(std::errc::resource_deadlock_would_occur),
                            "vthreads: run() on a vthread");
  }
  if (running_.exchange(true, std::memory_order_acq_rel)) {
    throw std::system_error(posix_error(std::errc::device_or_resource_busy),
                            "vthreads: run() while another is in it");
  }
  carriers_.front()->run();
  running_.store(false, std::memory_order_release);
}

Stats SchedulerCore::stats() const {
  Stats sum;
  sum.carriers = static_cast<unsigned>(carriers_.size());
  sum.vthreads_alive = alive_.load(std::memory_order_relaxed);
  sum.vthreads_started = started_outside_.load(std::memory_order_relaxed);
  for (const auto& carrier : carriers_) {
    sum.vthreads_started += carrier->started.read();
    sum.mounts += carrier->mounts.read();
    sum.parks += carrier->parks.read();
    sum.steals += carrier->steals.read();
  }
  return sum;
}

// --- making runnable -----------------------------------------------------------------------------

void SchedulerCore::make_runnable(ControlBlock& vthread) {
  Carrier* const here = current_carrier();
  if (here != nullptr && &here->scheduler == this) {
    push_local(*here, vthread);
  } else {
    VThreadList one;
    one.push_back(vthread);
    inject_.push(std::move(one));
  }
  wake_one();
}

void SchedulerCore::push_local(Carrier& carrier, ControlBlock& vthread) {
  VThreadList overflow = carrier.queue.push(vthread);
  if (!overflow.empty()) inject_.push(std::move(overflow));
}

// Queues all but the first, which is returned; nullptr if there are none.
ControlBlock* SchedulerCore::first_of(Carrier& carrier, VThreadList vthreads) {
  ControlBlock* const first = vthreads.pop_front();
  if (vthreads.empty()) return first;
  while (ControlBlock* vthread = vthreads.pop_front()) push_local(carrier, *vthread);
  wake_one();
  return first;
}

void SchedulerCore::wake_one() {
  wake(idle_.take_one());
}

void SchedulerCore::wake(const IdleSet::Woken& woken) {
  if (woken.carrier == nullptr) return;
  if (woken.role == IdleSet::Role::poller) {
    poller_.call_back();
  } else {
    woken.carrier->wake();
  }
}

// --- finding work --------------------------------------------------------------------------------

ControlBlock* SchedulerCore::next(Carrier& carrier) {
  if (++carrier.picks % kLookAroundEvery == 0) {
    if (ControlBlock* vthread = look_around(carrier)) return vthread;
  }
  for (bool searching = false;;) {
    ControlBlock* vthread = carrier.queue.pop();
    if (vthread == nullptr) vthread = take_injected(carrier, carrier.queue.slots() / 2);
    if (vthread == nullptr) vthread = poll_now(carrier);
    if (vthread == nullptr && !searching) {
      if (shall_stop()) return nullptr;
      idle_.start_searching();
      searching = true;
    }
    if (vthread == nullptr) vthread = steal(carrier);
    if (vthread != nullptr) {
      if (searching && idle_.stop_searching() && (work_is_queued() || idle_.nobody_polls()))
        wake_one();
      return vthread;
    }
    idle(carrier);
    if (shall_stop()) {
      idle_.stop_searching();
      return nullptr;
    }
  }
}

ControlBlock* SchedulerCore::look_around(Carrier& carrier) {
  if (ControlBlock* vthread = poll_now(carrier)) make_runnable(*vthread);
  return take_injected(carrier, 1);
}

ControlBlock* SchedulerCore::take_injected(Carrier& carrier, std::size_t most) {
  return first_of(carrier, inject_.take(carriers_.size(), most));
}

ControlBlock* SchedulerCore::poll_now(Carrier& carrier) {
  VThreadList runnable;
  poller_.poll_now(runnable);
  if (timers_.earliest() != Timers::kNever)
    timers_.expire(std::chrono::steady_clock::now(), runnable);
  return first_of(carrier, std::move(runnable));
}

ControlBlock* SchedulerCore::steal(Carrier& carrier) {
  const auto others = static_cast<unsigned>(carriers_.size());
  const unsigned first = others > 1 ? carrier.random_below(others) : 0;
  for (unsigned i = 0; i < others; ++i) {
    Carrier& victim = *carriers_[(first + i) % others];
    if (&victim == &carrier) continue;
    std::uint64_t taken = 0;
    if (ControlBlock* vthread = carrier.queue.steal_half(victim.queue, taken)) {
      carrier.steals.add(taken);
      return vthread;
    }
  }
  return nullptr;
}

// Comes and goes as a searcher. See idle_set.h for why the second look is needed.
void SchedulerCore::idle(Carrier& carrier) {
  VThreadList runnable;
  const IdleSet::Role role = idle_.join(carrier);
  idle_.stop_searching();
  if (!work_is_queued() && !shall_stop()) {
    if (role == IdleSet::Role::poller) {
      poll_until_work(runnable);
    } else {
      carrier.sleep();
    }
  }
  idle_.leave(carrier, role);
  while (ControlBlock* vthread = runnable.pop_front()) push_local(carrier, *vthread);
}

// Whoever adds a timer that is earlier than polling_until_ calls the poller back; whoever polls
// looks again after it has said until when. Both are sequentially consistent, so one of them
// notices.
void SchedulerCore::poll_until_work(VThreadList& runnable) {
  Deadline until = timers_.earliest();
  for (;;) {
    polling_until_.store(until, std::memory_order_seq_cst);
    const Deadline now_earliest = timers_.earliest();
    if (now_earliest >= until) break;
    until = now_earliest;
  }
  poller_.poll_until(until, runnable);
  polling_until_.store(kNotPolling, std::memory_order_seq_cst);
  if (timers_.earliest() != Timers::kNever)
    timers_.expire(std::chrono::steady_clock::now(), runnable);
}

bool SchedulerCore::work_is_queued() const {
  if (!inject_.empty()) return true;
  return std::any_of(carriers_.begin(), carriers_.end(),
                     [](const auto& carrier) { return !carrier->queue.empty(); });
}

bool SchedulerCore::shall_stop() const {
  if (by_calling_thread_) return alive_.load(std::memory_order_acquire) == 0;
  return stopping_.load(std::memory_order_seq_cst);
}

// --- waiting and ending --------------------------------------------------------------------------

std::optional<Wake> SchedulerCore::park_until(ControlBlock& self, bool by_permit,
                                              Deadline deadline) {
  Timer timer{deadline, self};
  timers_.add(timer);
  if (deadline < polling_until_.load(std::memory_order_seq_cst)) poller_.call_back();
  if (self.park(by_permit) == Wake::event) return std::nullopt;
  if (!timers_.cancel(timer)) self.drop_event();
  return Wake::permit;
}

void SchedulerCore::finish(ControlBlock& vthread) {
  const bool last = alive_.fetch_sub(1, std::memory_order_seq_cst) == 1;
  ThreadCore* const joiner = vthread.finish();
  drop_reference(
      vthread);  // before the signal, so that the stack is free for reuse when join() returns
  if (joiner != nullptr) signal(*joiner);
  if (last && draining_.load(std::memory_order_seq_cst)) futex_wake(alive_);
}

}  // namespace vthreads::detail
