#include "scheduler.h"

#include "fatal.h"
#include "stealing/stealing_scheduler.h"

namespace vthreads::detail {
SchedulerCore& SchedulerCore::make(const Config& config) {
  return *new StealingScheduler(config);
}

SchedulerCore::SchedulerCore(const Config& config)
    : stacks_(*this, stack_options_of(config)), poller_(config.poller) {}

void SchedulerCore::retire() {
  if (here() != nullptr) fatal("a Scheduler must not be destroyed by its own vthread");
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
  if (Carrier* const carrier = here()) {
    carrier->started.add(1);
    carrier->push(vthread);
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
