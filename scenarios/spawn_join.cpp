// spawn_join.cpp — start N units that do nothing, then wait for all of them.
#include "scenarios/scenario.h"

namespace vtlab {
namespace {

void body(Workload& work) {
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit) work.start(unit, [] {});
  work.join_all();
}

// A callback that does nothing is started and awaited in the same words.
void callbacks(Workload& work, EventLoop&) {
  body(work);
}

}  // namespace

extern const Scenario scenario_spawn_join;
const Scenario scenario_spawn_join{
    .name = "spawn-join",
    .title = "start, do nothing, and are joined",
    .lesson =
        "What it takes to make a unit: a task_struct each, or a stack and a place in a queue.",
    .defaults = {.tasks = 1009},
    .body = body,
    .callbacks = callbacks,
    .languages = {.java = true, .go = true},
};

}  // namespace vtlab
