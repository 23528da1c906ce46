// exist.cpp — what exists in the kernel: which units have a task_struct of their own.
#include <set>

#include "prove/judging.h"
#include "prove/proofs/foreign.h"
#include "scenarios/claims/claims.h"
#include "scenarios/claims/say.h"

namespace vtlab::prove {
namespace {

constexpr std::uint32_t kUnits = 1009, kManyUnits = 10007;

// All of them wait at the same time, so whatever they need in the kernel is there at the same time.
Trial waiting(std::string_view mode, std::uint32_t units) {
  return {"blocking-io", mode, {.tasks = units, .delay_ns = 100'000'000}, {}, 1};
}

// More tids than carriers would mean that units have tasks of their own; without one that moved, each carrier
// might have units of its own.
Check judge_m_to_n(const Shown& shown) {
  const lab::Observation& o = shown.first(0);
  std::set<std::uint32_t> tids;
  std::uint64_t moved = 0;
  for (const lab::UnitFacts& unit : o.units) {
    tids.insert({unit.first_tid, unit.last_tid});
    moved += unit.first_tid != unit.last_tid;
  }
  if (o.units.empty() || tids.count(0)) return claims::not_observed("where the units ran");
  const std::uint32_t carriers = o.experiment.params.carriers;
  if (carriers < 2 || tids.size() < 2)
    return {Verdict::not_testable_here,
            "all units ran on one carrier; more need more than one CPU"};
  return claims::holds_if(tids.size() <= carriers && moved > 0,
                          claims::count(o.units.size(), "unit") + " ran on " +
                              claims::count(tids.size(), "kernel task") + " (" +
                              claims::count(carriers, "carrier") + "); " + claims::n(moved) +
                              " began on one and ended on another");
}

// ---- exist.gmp: no G is a task, and P says how many CPUs they may use, however many Ms there are ----

std::vector<Trial> gmp(const lab::Machine&) {
  const auto computing = [](std::string_view mode, std::uint32_t ps) {
    return Trial{"cpu-bound", mode, {.tasks = 199, .carriers = ps}, {}, 1, mode == "go"};
  };
  return {waiting("gmp", kUnits), computing("gmp", 1), computing("gmp", 2),
          computing("go", 1),     computing("go", 2),  blocking_in_go()};
}

// CPUs in use, on average.
std::optional<double> cpus_used(const lab::Observation& o) {
  if (!o.cpu_ns || o.end_ns == o.start_ns) return std::nullopt;
  return static_cast<double>(*o.cpu_ns) / static_cast<double>(o.end_ns - o.start_ns);
}

// With 1 P and with 2: no more CPUs than that are in use, which is the kernel's own word on how many Gs run at once.
Check judge_ps(const Shown& shown, std::size_t with_one, std::size_t with_two,
               const std::string& whose) {
  constexpr double kMargin = 0.15;  // sysmon, and whoever starts the Gs
  const auto one = cpus_used(shown.first(with_one)), two = cpus_used(shown.first(with_two));
  if (!one || !two) return claims::not_observed("the CPU time");
  return claims::holds_if(*one <= 1 + kMargin && *two <= 2 + kMargin,
                          "computing Gs" + whose + " use " + to_text(*one) + " CPUs with 1 P, " +
                              to_text(*two) + " with 2");
}

// However many Ms there are.
Check judge_ms(const lab::Observation& o) {
  const auto ms = caused(o, Action::start_m);
  if (!ms) return claims::not_observed("the number of new kernel tasks");
  return claims::holds_if(*ms > o.experiment.params.carriers,
                          "while Gs block in calls, " + claims::count(*ms, "new M") + " with " +
                              claims::count(o.experiment.params.carriers, "P"));
}

Check judge_gmp(const Shown& shown) {
  const auto real_go = [&] {
    return all_of({judge_ps(shown, 3, 4, " of " + name_of_runtime(shown.first(3))),
                   judge_ms(shown.first(5))});
  };
  // Both of its series or none: they lack the same.
  const std::size_t lacking = shown.runs[4].empty() ? 4 : shown.runs[5].empty() ? 5 : 3;
  return all_of({judge_by(claims::exist_gmp, shown, 0), judge_ps(shown, 1, 2, ""),
                 if_there(shown, lacking, real_go)});
}

// ---- exist.java-virtual, exist.java-platform, exist.goroutine: all of them wait, for each other ----

Trial parked(std::string_view mode, std::uint32_t units, const lab::Recording& recording = {}) {
  return {"parked-memory", mode, {.tasks = units}, recording, 1};
}

// How many goroutines there were Go says, too, by passes of its own function.
Check judge_goroutine(const Shown& shown) {
  const lab::Observation& o = shown.first(0);
  const Check kernel = judge_by(claims::exist_goroutine, shown);
  const auto& view = o.kernel.details.runtime;
  if (!view.value) return all_of({kernel, claims::not_observed("the runtime of Go")});
  for (const result::RuntimeCount& each : view.value->counts)
    if (each.key == "units_made" && each.count)
      return all_of(
          {kernel, claims::holds_if(*each.count >= o.experiment.params.tasks,
                                    name_of_runtime(o) + " made " + claims::n(*each.count) +
                                        ", its own included (" + each.source + ")")});
  return all_of({kernel, claims::not_observed("how many goroutines Go made")});
}

// The second trial has ten times as many units; what the JVM starts for itself depends on how long it runs, not on them.
Check judge_java_virtual(const Shown& shown) {
  const auto few = caused(shown.first(0), Action::start_carrier),
             many = caused(shown.first(1), Action::start_carrier);
  if (!few || !many) return claims::not_observed("the number of new kernel tasks by name");
  return all_of(
      {judge_by(claims::exist_java_virtual, shown, 0),
       judge_by(claims::exist_java_virtual, shown, 1),
       claims::holds_if(*many <= *few + shown.first(0).experiment.params.carriers,
                        "ten times as many of them took " + claims::count(*many, "carrier") +
                            " in place of " + claims::n(*few))});
}

const Proof kProofs[] = {
    {.id = "exist.virtual",
     .statement = "a virtual thread has no task_struct",
     .where = "A§2, §8, §11",
     .trials = [](const lab::Machine&) -> std::vector<Trial> {
       return {waiting("virtual", kManyUnits)};
     },
     .judge = [](const Shown& shown) { return judge_by(claims::exist_virtual, shown); }},
    {.id = "exist.platform",
     .statement = "each platform thread is one task_struct, and all share memory",
     .where = "A§2, §9",
     .trials = [](const lab::Machine&) -> std::vector<Trial> {
       return {waiting("platform", kUnits)};
     },
     .judge = [](const Shown& shown) { return judge_by(claims::exist_platform, shown); }},
    {.id = "exist.process",
     .statement = "each fork is one task_struct with an address space of its own",
     .where = "A§9",
     .trials = [](const lab::Machine&) -> std::vector<Trial> { return {waiting("fork", kUnits)}; },
     .judge = [](const Shown& shown) { return judge_by(claims::exist_process, shown); }},
    {.id = "exist.green",
     .statement = "green threads: the kernel sees one process with one thread",
     .where = "B",
     .trials = [](const lab::Machine&) -> std::vector<Trial> { return {waiting("green", kUnits)}; },
     .judge = [](const Shown& shown) { return judge_by(claims::exist_green, shown); }},
    {.id = "exist.monitor",
     .statement = "OS-level monitoring sees fewer threads than there are virtual threads",
     .where = "A§11",
     .trials = [](const lab::Machine&) -> std::vector<Trial> {
       return {waiting("virtual", kManyUnits)};
     },
     .judge = [](const Shown& shown) { return judge_by(claims::exist_monitor, shown); }},
    {.id = "exist.m-to-n",
     .statement = "many units on few OS threads, and none is bound to one of them",
     .where = "A§2, §9",
     .trials = [](const lab::Machine&) -> std::vector<Trial> {
       return {waiting("virtual", kManyUnits)};
     },
     .judge = judge_m_to_n},
    {.id = "exist.gmp",
     .statement = "a G needs an M and a P to run; P is what limits parallelism",
     .where = "A§2, §4",
     .trials = gmp,
     .judge = judge_gmp},
    {.id = "exist.java-virtual",
     .statement = "a Java virtual thread is not an OS thread",
     .where = "A§2, §4, §8",
     .trials = [](const lab::Machine&) -> std::vector<Trial> {
       return {parked("java-virtual", kUnits), parked("java-virtual", 10 * kUnits)};
     },
     .judge = judge_java_virtual},
    {.id = "exist.java-platform",
     .statement = "on Linux a Java platform thread is one kernel thread",
     .where = "A§4, B",
     .trials = java_platform,
     .judge = judge_java_platform},
    {.id = "exist.goroutine",
     .statement = "a goroutine is not an OS thread; only a new M is",
     .where = "A§2, §4, §8",
     .trials = [](const lab::Machine&) -> std::vector<Trial> {
       return {parked("go", kManyUnits, {.runtime = true})};
     },
     .judge = judge_goroutine},
};

}  // namespace

extern const ProofGroup proofs_exist;
const ProofGroup proofs_exist{"What exists in the kernel", kProofs};

}  // namespace vtlab::prove
