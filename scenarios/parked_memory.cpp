// parked_memory.cpp — N units wait together, until all are there and vtlab has looked at the process.
//
// Look at     the memory per unit: of the kernel, of a stack, or only of what it will do next; and how
//             many threads procfs shows meanwhile.
// Surprises   Reserved addresses are not memory: a platform thread reserves megabytes and touches two
//             pages.
// Not shown   What units hold for their work: here each has hardly begun its stack.
#include <atomic>

#include "scenarios/claims/claims.h"
#include "scenarios/mode.h"
#include "scenarios/modes/event_loop.h"
#include "scenarios/scenario.h"
#include "scenarios/shared.h"

namespace vtlab {
namespace {

void body(Workload& work) {
  const std::uint64_t units = work.params().tasks;
  const Shared<std::atomic<std::uint64_t>> arrived;
  const std::unique_ptr<Semaphore> gate = work.runtime().semaphore(0);
  for (std::uint32_t unit = 0; unit < units; ++unit) {
    work.start(unit, [&] {
      if (arrived->fetch_add(1) + 1 < units) return gate->acquire();
      work.all_wait();
      for (std::uint64_t others = 1; others < units; ++others) gate->release();
    });
  }
  work.join_all();
}

void callbacks(Workload& work, EventLoop& loop) {
  std::vector<EventLoop::Callback> waiting;
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit) {
    work.start_steps(unit, [&, unit] {
      waiting.push_back([&work, unit] { work.finish(unit); });
      if (waiting.size() < work.params().tasks) return;
      work.all_wait();
      for (EventLoop::Callback& callback : waiting) loop.post(std::move(callback));
    });
  }
  loop.run();
}

std::string_view refuses(const Mode& mode, const Params& params) {
  return mode.waiting_at_once && mode.waiting_at_once(params) < params.tasks
             ? "a unit that waits keeps its thread, and those that it waits for would never begin"
             : "";
}

constexpr const Claim* kClaims[] = {&claims::exist_monitor};

}  // namespace

extern const Scenario scenario_parked_memory;
const Scenario scenario_parked_memory{
    .name = "parked-memory",
    .title = "wait together until all are there",
    .lesson =
        "What a unit costs that does nothing but wait: a process, a thread, a stack, a callback.",
    .defaults = {.tasks = 1009},
    .body = body,
    .claims = kClaims,
    .callbacks = callbacks,
    .refuses = refuses,
    .languages = {.java = true, .go = true},
};

}  // namespace vtlab
