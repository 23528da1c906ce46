// green.cpp — green threads and native ones.
#include "prove/judging.h"
#include "prove/proofs/foreign.h"

#include "scenarios/claims/say.h"

namespace vtlab::prove {
namespace {

using claims::count;
using claims::holds_if;
using claims::n;
using claims::not_observed;

constexpr std::uint64_t kMillisecond = 1'000'000;

// ---- green.one-core: the same computing in one piece and in two ----

std::vector<Trial> one_core(const lab::Machine&) {
  const auto pieces = [](std::string_view mode, std::uint32_t units) {
    return Trial{"cpu-bound", mode, {.tasks = units}, {}, 5};
  };
  return {pieces("platform", 1), pieces("platform", 2), pieces("green", 1), pieces("green", 2)};
}

Check judge_one_core(const Shown& shown) {
  const auto native = ratio(shown, 0, 1, wall_ns), green = ratio(shown, 2, 3, wall_ns);
  if (!native || !green) return not_observed("how long it took");
  if (shown.first(0).experiment.params.carriers < 2)
    return {Verdict::not_testable_here, "needs two CPUs"};
  return all_of({at_least(*native, 1.6,
                          "two native threads are " + to_text(*native) + " times as fast as one"),
                 at_most(*green, 1.1, "two green threads " + to_text(*green))});
}

// ---- green.stall: a call that blocks all, beside a wait that parks one ----

std::vector<Trial> stall(const lab::Machine&) {
  return {{"pinned", "green", {.tasks = 11, .delay_ns = 20 * kMillisecond}, {}, 1},
          {"blocking-io", "green", {.tasks = 11, .delay_ns = 20 * kMillisecond}, {}, 1}};
}

Check judge_stall(const Shown& shown) {
  const lab::Observation &held = shown.first(0), &parked = shown.first(1);
  if (!held.most_waiting || !parked.most_waiting)
    return not_observed("how many units waited at once");
  const Params& p = held.experiment.params;
  const std::uint64_t took = held.end_ns - held.start_ns, in_turn = p.delay_ns * p.tasks;
  return holds_if(*held.most_waiting == 1 && took >= in_turn / 10 * 8 && *parked.most_waiting > 1,
                  count(p.tasks, "green thread") + " in a system call that blocks: " +
                      n(*held.most_waiting) + " at a time, all in " + claims::milliseconds(took) +
                      " (in turn: " + claims::milliseconds(in_turn) + "); where they park, " +
                      n(*parked.most_waiting) + " at a time");
}

// ---- green.sync ----

std::vector<Trial> sync(const lab::Machine&) {
  return {{"lost-updates", "green", {.tasks = 1009}, {}, 3},
          {"lost-updates", "platform", {.tasks = 1009}, {}, 3}};
}

Check judge_sync(const Shown& shown) {
  std::uint64_t lost[2] = {}, tries_that_lost = 0;
  for (const std::size_t trial : {0, 1}) {
    for (const lab::Observation* run : shown.runs[trial]) {
      const auto now = reported(*run, "lost_updates");
      if (!now) return not_observed("the counter");
      lost[trial] += *now;
      tries_that_lost += trial == 1 && *now > 0;
    }
  }
  const auto updates = reported(shown.first(0), "updates").value_or(0);
  return holds_if(lost[0] == 0 && tries_that_lost > 0,
                  "of " + n(updates) + " updates in each try, green threads lost " + n(lost[0]) +
                      "; native threads lost some in " + n(tries_that_lost) + " of " +
                      n(shown.runs[1].size()) + " tries, " + n(lost[1]) + " in all");
}

// ---- green.switch ----

// Whoever else wants the CPU causes switches, too: hence three runs, and the median.
std::vector<Trial> switching(const lab::Machine&) {
  return {{"yield-storm", "green", {.tasks = 10007}, {}, 3}};
}

Check judge_switch(const Shown& shown) {
  const auto mounts = reported(shown.first(0), "unit_switches");
  const auto kernel = median(shown, 0, switches);
  if (!mounts) return not_observed("how often units were mounted");
  if (!kernel) return not_observed("sched_switch");
  return holds_if(*mounts >= 1'000'000 && *kernel <= static_cast<double>(*mounts) / 1000,
                  n(*mounts) + " switches between green threads, " +
                      n(static_cast<std::uint64_t>(*kernel)) + " sched_switch of their one task");
}

// ---- native.priority: Java asks for ten priorities, and the kernel has nice values ----

std::vector<Trial> priorities(const lab::Machine&) {
  return {{"priorities", "java-platform", {.tasks = 101}, {}, 1}};
}

// Which values these are is up to the JVM's rules for the platform. That there is such a rule means: one value for each
// priority, and never a worse one for a higher priority.
Check judge_priorities(const Shown& shown) {
  const lab::Observation& run = shown.first(0);
  std::string values;
  std::optional<double> before;
  bool never_worse = true;
  for (int priority = 1; priority <= 10; ++priority) {
    const auto nice = run.looked_up.find("nice_" + std::to_string(priority));
    if (nice == run.looked_up.end())
      return not_observed("one nice value for all threads of priority " + std::to_string(priority));
    if (before) never_worse = never_worse && nice->second <= *before;
    before = nice->second;
    values += " " + std::to_string(static_cast<int>(nice->second));
  }
  return holds_if(never_worse, "Java's priorities 1 to 10 have the nice values" + values + " in " +
                                   name_of_runtime(run));
}

const Proof kProofs[] = {
    {.id = "green.one-core",
     .statement = "green threads cannot use a second core; native threads can",
     .where = "B",
     .trials = one_core,
     .judge = judge_one_core},
    {.id = "green.stall",
     .statement = "one blocking system call stops all green threads",
     .where = "B, A§4",
     .trials = stall,
     .judge = judge_stall},
    {.id = "green.sync",
     .statement = "one at a time makes sharing easy; native threads race",
     .where = "B",
     .trials = sync,
     .judge = judge_sync},
    {.id = "green.switch",
     .statement = "the switch between green threads happens inside the process",
     .where = "B",
     .trials = switching,
     .judge = judge_switch},
    {.id = "native.one-to-one",
     .statement = "the native model on Linux is one-to-one",
     .where = "B",
     .trials = java_platform,
     .judge = judge_java_platform},
    {.id = "native.priority",
     .statement = "priorities of native threads are mapped by the platform's own rules",
     .where = "B",
     .trials = priorities,
     .judge = judge_priorities},
};

}  // namespace

extern const ProofGroup proofs_green;
const ProofGroup proofs_green{"Green and native threads", kProofs};

}  // namespace vtlab::prove
