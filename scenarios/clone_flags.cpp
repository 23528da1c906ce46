// clone_flags.cpp — unit i asks clone(2) for a task with subset i of the flags that decide what is shared.
// There are 64 subsets; half of them contradict themselves, and the kernel must refuse those.
#include <system_error>

#include "scenarios/actions.h"
#include "scenarios/clone_subsets.h"
#include "scenarios/raw_task.h"
#include "scenarios/scenario.h"

namespace vtlab {
namespace {

void ask(const ActionBoard& board, std::uint32_t unit) {
  const std::uint64_t flags = sharing_subset(unit);
  const ActionScope scope(board, Action::raw_clone, unit);
  const int refused = clone_and_wait(flags);
  // That an illegal one was refused, and how, is for the kernel's records to say.
  if (refused && is_legal(flags))
    throw std::system_error(refused, std::generic_category(), "clone");
}

void body(Workload& work) {
  for (std::uint32_t unit = 0; unit < work.params().tasks; ++unit)
    work.start(unit, [&board = work.board(), unit] { ask(board, unit); });
  work.join_all();
}

std::uint64_t makes(const Params& params, const Mode&) {
  std::uint64_t legal = 0;
  for (std::uint32_t unit = 0; unit < params.tasks; ++unit) legal += is_legal(sharing_subset(unit));
  return legal;
}

}  // namespace

extern const Scenario scenario_clone_flags;
const Scenario scenario_clone_flags{
    .name = "clone-flags",
    .title = "each clone a task with another subset of the sharing flags",
    .lesson =
        "Process or thread is not a kind of task but a choice of flags; not every choice is "
        "legal.",
    .defaults = {.tasks = 127},  // each subset once, all but one of them twice
    .body = body,
    .callbacks = [](Workload& work, EventLoop&) { body(work); },
    .makes = makes,
};

}  // namespace vtlab
