// skynet.cpp — one unit starts ten, each of these ten more, until there are N; every unit waits for
// its ten and passes on how many units there are below it, itself included.
//
// Look at     unit latency and memory per unit: all inner units wait at the same time, and units are
//             started from many units at once, not by one loop.
// Surprises   In platform and fork many of the new tasks wake up while their starter still runs: how
//             many live at once (most threads alive) is up to the scheduler and far below N. A pool
//             cannot do it at all: a unit that waits for what it started keeps its thread.
// Not shown   The benchmark of that name counts one million leaves; here N is all units, leaves and
//             others, so that each has its entry in the unit log.
#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

#include "scenarios/mode.h"
#include "scenarios/scenario.h"
#include "scenarios/shared.h"

namespace vtlab {
namespace {

constexpr std::uint64_t kChildren = 10;

// Unit u starts 10u + 1 … 10u + 10, as far as there are that many: every N is such a tree.
struct Tree {
  explicit Tree(Workload& w) : work(w), units(w.params().tasks), counted(units) {
    for (std::uint64_t unit = 0; first_child(unit) < units; ++unit)
      child_done.push_back(work.runtime().semaphore(0));
  }

  static std::uint64_t first_child(std::uint64_t unit) { return unit * kChildren + 1; }
  std::uint64_t end_of_children(std::uint64_t unit) const {
    return std::min(units, first_child(unit) + kChildren);
  }

  void start(std::uint64_t unit) {
    work.start(static_cast<std::uint32_t>(unit), [this, unit] { run(unit); });
  }

  void run(std::uint64_t unit) {
    const std::uint64_t end = end_of_children(unit);
    for (std::uint64_t child = first_child(unit); child < end; ++child) start(child);
    std::uint64_t sum = 1;
    for (std::uint64_t child = first_child(unit); child < end; ++child) child_done[unit]->acquire();
    for (std::uint64_t child = first_child(unit); child < end; ++child)
      sum += counted[child].load(std::memory_order_relaxed);  // ordered by the semaphore
    counted[unit].store(sum, std::memory_order_relaxed);
    if (unit > 0) child_done[(unit - 1) / kChildren]->release();
  }

  Workload& work;
  const std::uint64_t units;
  const Shared<std::atomic<std::uint64_t>> counted;    // by each unit: what is below it, and itself
  std::vector<std::unique_ptr<Semaphore>> child_done;  // of each unit that has children
};

void body(Workload& work) {
  Tree tree(work);
  tree.start(0);
  work.join_all();
  work.report("units_counted", tree.counted[0].load());
}

std::string_view refuses(const Mode& mode, const Params& params) {
  if (mode.waiting_at_once && params.tasks > 1)
    return "a unit that waits for those it started keeps its thread, until none is left to run "
           "them";
  return {};
}

constexpr Reported kReports[] = {{"units_counted", "units counted by the tree", "count"}};

}  // namespace

extern const Scenario scenario_skynet;
const Scenario scenario_skynet{
    .name = "skynet",
    .title = "start ten units each, a tree of them, and add up",
    .lesson = "Units that start units and wait for them: cheap only if waiting holds no thread.",
    .defaults = {.tasks = 1009},
    .body = body,
    .refuses = refuses,
    .reports = kReports,
};

}  // namespace vtlab
