#include "scheduler.h"

#include <sched.h>

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <thread>

#include "event_log/note.h"
#include "fatal.h"
#include "gmp/gmp_scheduler.h"
#include "stealing/stealing_scheduler.h"

namespace vthreads::detail {
namespace {

unsigned cpus_of_this_process() {
  cpu_set_t cpus;
  if (::sched_getaffinity(0, sizeof cpus, &cpus) == 0)
    return static_cast<unsigned>(CPU_COUNT(&cpus));
  return std::max(1U, std::thread::hardware_concurrency());  // more CPUs than cpu_set_t can tell
}

std::unique_ptr<EventLogs> make_log(const Config& config) {
  if (config.event_log > kMaxEventRecords)
    throw std::invalid_argument("vthreads: event_log above kMaxEventRecords");
  return config.event_log != 0 ? std::make_unique<EventLogs>(config.event_log) : nullptr;
}

}  // namespace

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

unsigned most_carriers_of(const Config& config) {
  const unsigned carriers = carriers_of(config);
  if (config.drive == Config::Drive::calling_thread) return 1;
  if (config.max_carriers > kMaxCarriers)
    throw std::invalid_argument("vthreads: max_carriers above kMaxCarriers");
  return std::max(carriers, config.max_carriers);
}

std::uint32_t run_queue_slots_of(const Config& config) {
  const std::uint32_t slots = config.run_queue_slots;
  if (!std::has_single_bit(slots) || slots < 2 || slots > kMaxRunQueueSlots) {
    throw std::invalid_argument(
        "vthreads: run_queue_slots must be a power of two from 2 to kMaxRunQueueSlots");
  }
  return slots;
}

SchedulerCore& SchedulerCore::make(const Config& config) {
  if (config.kind == Config::Kind::stealing) return *new StealingScheduler(config);
  if (config.drive == Config::Drive::calling_thread)
    throw std::invalid_argument("vthreads: Kind::gmp starts threads, so not Drive::calling_thread");
  return *new gmp::GmpScheduler(config);
}

SchedulerCore::SchedulerCore(const Config& config)
    : log_(make_log(config)),
      stacks_(*this, stack_options_of(config)),
      trimmer_(stacks_, config.trim_every),
      poller_(config.poller) {}

void SchedulerCore::retire() {
  if (here() != nullptr) fatal("a Scheduler must not be destroyed by its own vthread");
  stacks_.stop_preparing();
  drain_and_stop();
  if (stacks_.retire()) delete this;
}

ControlBlock& SchedulerCore::prepare() {
  if (Carrier* const carrier = here()) return carrier->take_block();
  ControlBlock& block = stacks_.acquire();
  block.begin(take_ids(1));
  return block;
}

void SchedulerCore::launch(ControlBlock& vthread) {
  vthread.change(State::runnable);
  note_start(vthread);
  if (Carrier* const carrier = here()) {
    carrier->started.add(1);
    make_runnable(vthread);
  } else {
    started_outside_.fetch_add(1, std::memory_order_relaxed);
    inject(vthread);
  }
}

void SchedulerCore::abandon(ControlBlock& vthread) {
  recycle(vthread);
}

void SchedulerCore::recycle(ControlBlock& vthread) {
  vthread.give_back_extras();
  if (Carrier* const carrier = here()) return carrier->give_block(vthread);
  if (stacks_.release(vthread)) delete this;
}

}  // namespace vthreads::detail
