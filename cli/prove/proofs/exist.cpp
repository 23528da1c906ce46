// exist.cpp — what exists in the kernel: which units have a task_struct of their own.
#include <set>

#include "prove/judging.h"
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
  return {waiting("gmp", kUnits),
          {"cpu-bound", "gmp", {.tasks = 199, .carriers = 1}, {}, 1},
          {"cpu-bound", "gmp", {.tasks = 199, .carriers = 2}, {}, 1}};
}

// CPUs in use, on average.
std::optional<double> cpus_used(const lab::Observation& o) {
  if (!o.cpu_ns || o.end_ns == o.start_ns) return std::nullopt;
  return static_cast<double>(*o.cpu_ns) / static_cast<double>(o.end_ns - o.start_ns);
}

Check judge_gmp(const Shown& shown) {
  constexpr double kMargin = 0.15;  // sysmon, and whoever starts the Gs
  const auto one = cpus_used(shown.first(1)), two = cpus_used(shown.first(2));
  const auto ms = caused(shown.first(1), Action::start_m);
  if (!one || !two) return claims::not_observed("the CPU time");
  if (!ms) return claims::not_observed("the number of new kernel tasks");
  return all_of(
      {judge_by(claims::exist_gmp, shown, 0),
       claims::holds_if(*one <= 1 + kMargin && *two <= 2 + kMargin,
                        "computing Gs use " + to_text(*one) + " CPUs with 1 P (" +
                            claims::count(*ms, "M") + "), " + to_text(*two) + " with 2")});
}

constexpr const char* kNeedsJdk = "needs a JDK; comes with the foreign modes";
constexpr const char* kNeedsGo = "needs Go; comes with the foreign modes";

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
     .lacking = kNeedsJdk},
    {.id = "exist.java-platform",
     .statement = "on Linux a Java platform thread is one kernel thread",
     .where = "A§4, B",
     .lacking = kNeedsJdk},
    {.id = "exist.goroutine",
     .statement = "a goroutine is not an OS thread; only a new M is",
     .where = "A§2, §4, §8",
     .lacking = kNeedsGo},
};

}  // namespace

extern const ProofGroup proofs_exist;
const ProofGroup proofs_exist{"What exists in the kernel", kProofs};

}  // namespace vtlab::prove
