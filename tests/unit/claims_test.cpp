// Every claim holds on evidence that supports it and is refuted by evidence that does not: a claim
// that cannot fail is not a claim.
#include <algorithm>

#include "lab/summarize.h"
#include "scenarios/catalogue.h"
#include "scenarios/claims/claims.h"
#include "scenarios/clone_subsets.h"
#include "scenarios/limits.h"
#include "support/catch.h"

namespace vtlab::test {
namespace {

using namespace claims;

constexpr std::uint64_t kMillisecond = 1'000'000;

// 1009 units on 2 carriers, waiting 100 ms each, where everything that was observed is 0.
Evidence nothing_made() {
  Evidence e;
  e.params = {.tasks = 1009, .carriers = 2, .delay_ns = 100 * kMillisecond, .seed = 1};
  e.units_done = 1009;
  e.kernel_tasks = 0;
  e.caused.fill(0);
  e.sharing_mm = 0;
  e.procfs_threads = 3;
  e.most_waiting = 1009;
  e.unit_tids = 1;
  e.only_on_main = true;
  e.wall_ns = 104 * kMillisecond;
  return e;
}

Evidence made(std::uint64_t tasks, Action by, std::uint64_t sharing) {
  Evidence e = nothing_made();
  e.kernel_tasks = tasks;
  e.caused[static_cast<std::size_t>(by)] = tasks;
  e.sharing_mm = sharing;
  return e;
}

Verdict verdict(const Claim& claim, const Evidence& evidence) {
  return judge(claim, evidence).verdict;
}

}  // namespace

TEST_CASE("exist.platform holds for exactly N tasks that share memory and for nothing else") {
  const Action by = Action::start_platform_thread;
  CHECK(verdict(exist_platform, made(1009, by, 1009)) == Verdict::holds);
  CHECK(verdict(exist_platform, made(1008, by, 1008)) == Verdict::refuted);
  CHECK(verdict(exist_platform, made(1010, by, 1010)) == Verdict::refuted);
  CHECK(verdict(exist_platform, made(1009, by, 1008)) == Verdict::refuted);
  CHECK(verdict(exist_platform, made(1009, Action::none, 1009)) == Verdict::refuted);
}

TEST_CASE("exist.process is refuted as soon as one fork shares memory") {
  CHECK(verdict(exist_process, made(1009, Action::fork, 0)) == Verdict::holds);
  CHECK(verdict(exist_process, made(1009, Action::fork, 1)) == Verdict::refuted);
  CHECK(verdict(exist_process, made(1008, Action::fork, 0)) == Verdict::refuted);
}

TEST_CASE("exist.virtual is refuted by one task of a virtual thread, or one carrier too many") {
  CHECK(verdict(exist_virtual, made(2, Action::start_carrier, 2)) == Verdict::holds);
  CHECK(verdict(exist_virtual, made(3, Action::start_carrier, 3)) == Verdict::refuted);
  CHECK(verdict(exist_virtual, made(1, Action::start_virtual_thread, 1)) == Verdict::refuted);
  CHECK(verdict(exist_virtual, made(2, Action::none, 2)) == Verdict::refuted);
  Evidence unfinished = made(2, Action::start_carrier, 2);
  unfinished.units_done = 1008;
  CHECK(verdict(exist_virtual, unfinished) == Verdict::refuted);
}

TEST_CASE(
    "exist.virtual and exist.gmp allow as many tasks more as may stand in for blocked units") {
  Evidence carriers = made(12, Action::start_carrier, 12);
  CHECK(verdict(exist_virtual, carriers) == Verdict::refuted);
  carriers.spares = 10;
  CHECK(verdict(exist_virtual, carriers) == Verdict::holds);
  carriers.spares = 9;
  CHECK(verdict(exist_virtual, carriers) == Verdict::refuted);
  Evidence ms = made(16, Action::start_m, 16);  // 2 Ps: 6 at most
  ms.caused[static_cast<std::size_t>(Action::start_sysmon)] = 1;
  ms.kernel_tasks = 17;
  CHECK(verdict(exist_gmp, ms) == Verdict::refuted);
  ms.spares = 10;
  CHECK(verdict(exist_gmp, ms) == Verdict::holds);
}

TEST_CASE("tasks that the kernel makes for io_uring are told apart, and only with that poller") {
  Evidence e = made(2, Action::start_carrier, 2);
  e.caused[0] = 3;
  *e.kernel_tasks += 3;
  CHECK(verdict(exist_virtual, e) == Verdict::refuted);
  e.params.poller = Poller::io_uring;
  CHECK(verdict(exist_virtual, e) == Verdict::holds);
  CHECK(judge(exist_virtual, e).because.find("3 by the kernel itself for io_uring") !=
        std::string::npos);
  ++*e.kernel_tasks;
  CHECK(verdict(exist_virtual, e) == Verdict::refuted);
}

TEST_CASE("exist.green is refuted by a new task or by a unit that ran elsewhere") {
  CHECK(verdict(exist_green, nothing_made()) == Verdict::holds);
  CHECK(verdict(exist_green, made(1, Action::none, 1)) == Verdict::refuted);
  Evidence elsewhere = nothing_made();
  elsewhere.only_on_main = false;
  elsewhere.unit_tids = 2;
  CHECK(verdict(exist_green, elsewhere) == Verdict::refuted);
}

TEST_CASE("exist.event-loop is refuted by a new task or by a unit that ran elsewhere") {
  CHECK(verdict(exist_event_loop, nothing_made()) == Verdict::holds);
  CHECK(verdict(exist_event_loop, made(1, Action::post_callback, 1)) == Verdict::refuted);
  Evidence elsewhere = nothing_made();
  elsewhere.only_on_main = false;
  CHECK(verdict(exist_event_loop, elsewhere) == Verdict::refuted);
}

TEST_CASE("exist.gmp is refuted by a task of a G, a second sysmon, or an M too many") {
  const auto gmp = [](std::uint64_t ms, std::uint64_t sysmons, std::uint64_t by_gs) {
    Evidence e = made(ms, Action::start_m, 0);
    e.caused[static_cast<std::size_t>(Action::start_sysmon)] = sysmons;
    e.caused[static_cast<std::size_t>(Action::start_g)] = by_gs;
    *e.kernel_tasks += sysmons + by_gs;
    return e;
  };
  CHECK(verdict(exist_gmp, gmp(2, 1, 0)) == Verdict::holds);
  CHECK(verdict(exist_gmp, gmp(3, 1, 0)) == Verdict::holds);
  CHECK(verdict(exist_gmp, gmp(2, 1, 1)) == Verdict::refuted);
  CHECK(verdict(exist_gmp, gmp(2, 2, 0)) == Verdict::refuted);
  CHECK(verdict(exist_gmp, gmp(2, 0, 0)) == Verdict::refuted);
  CHECK(verdict(exist_gmp, gmp(7, 1, 0)) == Verdict::refuted);
  CHECK(verdict(exist_gmp, gmp(0, 1, 0)) == Verdict::refuted);
  Evidence unattributed = gmp(2, 1, 0);
  ++*unattributed.kernel_tasks;
  CHECK(verdict(exist_gmp, unattributed) == Verdict::refuted);
  Evidence unfinished = gmp(2, 1, 0);
  unfinished.units_done = 1008;
  CHECK(verdict(exist_gmp, unfinished) == Verdict::refuted);
}

TEST_CASE("exist.pool is refuted if the pool makes a thread per job") {
  CHECK(verdict(exist_pool, made(2, Action::start_pool_thread, 2)) == Verdict::holds);
  CHECK(verdict(exist_pool, made(1009, Action::start_pool_thread, 1009)) == Verdict::refuted);
  CHECK(verdict(exist_pool, made(0, Action::start_pool_thread, 0)) == Verdict::refuted);
}

TEST_CASE("exist.monitor is refuted when procfs shows more threads than carriers and main") {
  Evidence e = nothing_made();
  CHECK(verdict(exist_monitor, e) == Verdict::holds);
  e.procfs_threads = 1010;
  CHECK(verdict(exist_monitor, e) == Verdict::refuted);
  e.procfs_threads.reset();
  CHECK(verdict(exist_monitor, e) == Verdict::not_testable_here);
}

TEST_CASE("gain.blocking is refuted if no more units wait at once than there are carriers") {
  Evidence e = made(2, Action::start_carrier, 2);
  CHECK(verdict(gain_blocking, e) == Verdict::holds);
  e.most_waiting = 2;  // as if every wait had held a carrier
  CHECK(verdict(gain_blocking, e) == Verdict::refuted);
  e.most_waiting = 7;
  CHECK(verdict(gain_blocking, e) == Verdict::not_testable_here);
  e.most_waiting.reset();
  CHECK(verdict(gain_blocking, e) == Verdict::not_testable_here);
}

TEST_CASE("gain.blocking is refuted if the waiting was bought with a kernel task per unit") {
  CHECK(verdict(gain_blocking, made(1009, Action::start_carrier, 1009)) == Verdict::refuted);
}

TEST_CASE("gain.blocking does not depend on how busy the machine is") {
  Evidence e = made(2, Action::start_carrier, 2);
  e.wall_ns = 20'000 * kMillisecond;
  CHECK(verdict(gain_blocking, e) == Verdict::holds);
}

TEST_CASE(
    "gain.blocking says nothing of so few units that waiting together and in turn look alike") {
  Evidence e = made(2, Action::start_carrier, 2);
  e.params.tasks = 15;
  e.units_done = e.most_waiting.emplace(15);
  CHECK(verdict(gain_blocking, e) == Verdict::not_testable_here);
}

TEST_CASE("gain.blocking of a pool is refuted if more wait than it has threads, or all too soon") {
  Evidence e = made(2, Action::start_pool_thread, 2);
  e.wall_ns = 50'500 * kMillisecond;
  e.most_waiting = 2;
  CHECK(verdict(gain_blocking_pool, e) == Verdict::holds);
  e.most_waiting = 3;
  CHECK(verdict(gain_blocking_pool, e) == Verdict::refuted);
  e.most_waiting = 2;
  e.wall_ns = 110 * kMillisecond;
  CHECK(verdict(gain_blocking_pool, e) == Verdict::refuted);
}

TEST_CASE("gain.threshold of one run is refuted if nobody knows what refused the next unit") {
  Evidence e = nothing_made();
  CHECK(verdict(gain_threshold_named, e) == Verdict::not_testable_here);
  e.reported = {{"units_started", 498}, {"limit", 3}, {"limit_value", 500}, {"refused_errno", 11}};
  CHECK(verdict(gain_threshold_named, e) == Verdict::holds);
  e.reported["limit"] = static_cast<std::uint64_t>(TaskLimit::unknown);
  CHECK(verdict(gain_threshold_named, e) == Verdict::refuted);
  e.reported["limit"] = 0;
  CHECK(verdict(gain_threshold_named, e) == Verdict::not_testable_here);
}

TEST_CASE("lost evidence voids every claim of every mode and scenario") {
  Evidence e = made(1009, Action::start_platform_thread, 1009);
  e.void_because = "17 events were lost";
  std::size_t claims = 0;
  const auto check = [&](const Claim* claim) {
    ++claims;
    CHECK(verdict(*claim, e) == Verdict::not_testable_here);
    CHECK(judge(*claim, e).because == "17 events were lost");
  };
  for (const Mode* mode : modes()) std::for_each(mode->claims.begin(), mode->claims.end(), check);
  for (const Scenario* scenario : scenarios())
    std::for_each(scenario->claims.begin(), scenario->claims.end(), check);
  CHECK(claims >= 8);
}

TEST_CASE("what was not observed refutes nothing and proves nothing") {
  Evidence e = nothing_made();
  e.kernel_tasks.reset();
  e.caused.fill(std::nullopt);
  for (const Mode* mode : modes()) {
    for (const Claim* claim : mode->claims) {
      CAPTURE(claim->id);
      CHECK(verdict(*claim, e) == Verdict::not_testable_here);
    }
  }
}

TEST_CASE("what units make on purpose is no business of their mode's claims") {
  lab::Observation o;
  o.experiment.scenario = find_scenario("clone-flags");
  o.experiment.mode = find_mode("platform");
  o.experiment.params.tasks = 1;
  o.units = {{1, 2, 10, 10, 0}};
  o.kernel.by_action.assign(kActionCount, {0, 0});
  o.kernel.by_action[static_cast<std::size_t>(Action::start_platform_thread)] = {1, 1};
  o.kernel.by_action[static_cast<std::size_t>(Action::raw_clone)] = {63, 47};
  o.kernel.kernel_tasks = 64;
  CHECK(verdict(exist_platform, lab::evidence_of(o)) == Verdict::holds);
  o.kernel.by_action[0] = {1, 1};  // a task of nobody's is one too many
  o.kernel.kernel_tasks = 65;
  CHECK(verdict(exist_platform, lab::evidence_of(o)) == Verdict::refuted);
}

TEST_CASE("of the 64 subsets of the sharing flags half are legal") {
  const Scenario& scenario = *find_scenario("clone-flags");
  const Mode& mode = *find_mode("green");
  CHECK(scenario.makes({.tasks = 64}, mode) == 32);
  CHECK(scenario.makes({.tasks = 1}, mode) == 1);
  CHECK(is_legal(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD));
  CHECK(is_legal(CLONE_SYSVSEM | CLONE_FS));
  CHECK_FALSE(is_legal(CLONE_SIGHAND));
  CHECK_FALSE(is_legal(CLONE_VM | CLONE_THREAD));
}

TEST_CASE("every mode has a claim, a lesson and a machine's needs") {
  for (const Mode* mode : modes()) {
    CAPTURE(mode->name);
    CHECK_FALSE(mode->claims.empty());
    CHECK_FALSE(mode->lesson.empty());
    CHECK(mode->needs != nullptr);
    CHECK(find_mode(mode->name) == mode);
  }
  for (const Scenario* scenario : scenarios()) {
    CAPTURE(scenario->name);
    CHECK(scenario->defaults.tasks > 1);
    CHECK(find_scenario(scenario->name) == scenario);
  }
  CHECK(find_mode("virtaul") == nullptr);
}

}  // namespace vtlab::test
