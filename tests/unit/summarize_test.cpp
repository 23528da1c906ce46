// From facts to results: medians, ledgers, verdicts over repetitions, and what is absent stays
// absent.
#include "lab/summarize.h"
#include "support/catch.h"

namespace vtlab::test {
namespace {

using lab::Ending;
using lab::Observation;

constexpr std::uint64_t kMillisecond = 1'000'000;

lab::Plan plan_of(const char* mode, std::uint32_t repeat, std::uint32_t tasks = 3) {
  lab::Request r;
  r.scenario = find_scenario("blocking-io");
  r.modes = {find_mode(mode)};
  r.params = {.tasks = tasks, .carriers = 2, .delay_ns = 100 * kMillisecond, .seed = 1};
  r.repeat = repeat;
  return lab::plan(r, lab::Machine{});
}

// A run that went well: every unit on a thread of its own, unit i took i + 1 ms.
Observation good_run(const lab::Experiment& experiment, std::uint64_t wall_ms) {
  Observation o;
  o.experiment = experiment;
  o.observer = "ebpf";
  o.main_tid = 10;
  o.start_ns = 1000;
  o.end_ns = o.start_ns + wall_ms * kMillisecond;
  const std::uint32_t n = experiment.params.tasks;
  for (std::uint32_t i = 0; i < n; ++i)
    o.units.push_back({1000, 1000 + (i + 1) * kMillisecond, 100 + i, 100 + i, 0});
  o.kernel.kernel_tasks = n;
  o.kernel.by_action.assign(kActionCount, {0, 0});
  o.kernel.by_action[static_cast<std::size_t>(Action::start_platform_thread)] = {n, n};
  o.kernel.switches = 6;
  o.kernel.peak_alive = n + 1;
  o.at_gate = {10, 1, 1 << 20, 1 << 20, 4 << 20, 4 << 20};
  o.at_end = {10, 1, 1 << 20, (1 << 20) + 3 * 4096, 4 << 20, (4 << 20) + 3 * 8192};
  o.cpu_ns = 3000;
  return o;
}

const result::Metric& metric(const result::Result& r, const std::string& key) {
  for (const result::Metric& m : r.metrics) {
    if (m.key == key) return m;
  }
  FAIL("no metric " + key);
  throw;
}

result::Result only_result(const lab::Plan& plan, const std::vector<Observation>& runs) {
  lab::Machine machine;
  machine.kernel_stack_bytes = 16384;
  const result::ResultSet set = lab::summarize(plan, runs, machine);
  REQUIRE(set.results.size() == 1);
  return set.results[0];
}

}  // namespace

TEST_CASE("units that were never started because one was refused are not missed") {
  lab::Request r;
  r.scenario = find_scenario("threshold");
  r.modes = {find_mode("platform")};
  r.params = {.tasks = 100, .carriers = 1};
  const lab::Plan plan = lab::plan(r, lab::Machine{});
  lab::Experiment three = plan.experiments[0];
  three.params.tasks = 3;
  Observation run = good_run(three, 105);
  run.experiment = plan.experiments[0];
  run.units.resize(100);
  run.reported = {{"units_started", 3}, {"limit", 3}, {"limit_value", 5}, {"refused_errno", 11}};
  const result::Result seen = only_result(plan, {run});
  CHECK_FALSE(seen.partial);
  CHECK(metric(seen, "switches_per_unit").value == 2.0);
  for (const result::ClaimCheck& claim : seen.claims) {
    CAPTURE(claim.id, claim.because);
    CHECK(claim.verdict == result::Verdict::holds);
  }
  run.units[2].finished_ns = 0;  // but one that was started has to finish
  CHECK(only_result(plan, {run}).partial);
}

TEST_CASE("metrics of one run are its facts divided by the units") {
  const lab::Plan plan = plan_of("platform", 1);
  const result::Result r = only_result(plan, {good_run(plan.experiments[0], 105)});
  CHECK(r.kernel_tasks == 3u);
  CHECK(r.wall_ns == 105 * kMillisecond);
  CHECK(metric(r, "switches_per_unit").value == 2.0);
  CHECK(metric(r, "latency_p50_ns").value == 2e6);
  CHECK(metric(r, "latency_p99_ns").value == 3e6);
  CHECK(metric(r, "resident_bytes_per_unit").value == 4096.0);
  CHECK(metric(r, "reserved_bytes_per_unit").value == 8192.0);
  CHECK(metric(r, "kernel_stack_bytes_per_unit").value == 16384.0);
  CHECK(metric(r, "cpu_ns_per_unit").value == 1000.0);
  CHECK_FALSE(metric(r, "cpu_ns_per_unit").low.has_value());
}

TEST_CASE(
    "the ledger lists the mode's own unit action even if it made nothing, and sums to the total") {
  const lab::Plan plan = plan_of("virtual", 1);
  Observation o = good_run(plan.experiments[0], 105);
  o.kernel.kernel_tasks = 2;
  o.kernel.by_action.assign(kActionCount, {0, 0});
  o.kernel.by_action[static_cast<std::size_t>(Action::start_carrier)] = {2, 2};
  const result::Result r = only_result(plan, {o});
  REQUIRE(r.ledger.size() == 2);
  CHECK(r.ledger[0].action == "start-carrier");
  CHECK(r.ledger[0].kernel_tasks == 2);
  CHECK(r.ledger[1].action == "start-virtual-thread");
  CHECK(r.ledger[1].kernel_tasks == 0);
}

TEST_CASE(
    "over repetitions a metric is the median with its extremes, and wall time that of the middle "
    "run") {
  const lab::Plan plan = plan_of("platform", 3);
  std::vector<Observation> runs{good_run(plan.experiments[0], 130),
                                good_run(plan.experiments[1], 105),
                                good_run(plan.experiments[2], 110)};
  runs[0].cpu_ns = 9000;
  const result::Result r = only_result(plan, runs);
  CHECK(r.wall_ns == 110 * kMillisecond);
  CHECK(r.repetitions.size() == 3);
  CHECK(metric(r, "cpu_ns_per_unit").value == 1000.0);
  CHECK(metric(r, "cpu_ns_per_unit").low == 1000.0);
  CHECK(metric(r, "cpu_ns_per_unit").high == 3000.0);
}

TEST_CASE("a claim that fails in one of three runs is refuted, whichever run it is") {
  for (std::size_t bad = 0; bad < 3; ++bad) {
    const lab::Plan plan = plan_of("platform", 3);
    std::vector<Observation> runs;
    for (const auto& e : plan.experiments) runs.push_back(good_run(e, 105));
    runs[bad].kernel.kernel_tasks = 4;
    const result::Result r = only_result(plan, runs);
    CHECK(r.claims.at(0).verdict == result::Verdict::refuted);
    CHECK(r.claims.at(0).because.find("held in 2 of 3 runs") != std::string::npos);
  }
}

TEST_CASE("lost events void the claims and leave the counts") {
  const lab::Plan plan = plan_of("platform", 1);
  Observation o = good_run(plan.experiments[0], 105);
  o.kernel.lost_events = 5;
  o.kernel.peak_alive.reset();
  const result::Result r = only_result(plan, {o});
  CHECK(r.kernel_tasks == 3u);
  CHECK(r.lost_events == 5);
  CHECK(r.claims.at(0).verdict == result::Verdict::not_testable_here);
  CHECK(metric(r, "peak_tasks_alive").missing_because == "events were lost");
}

TEST_CASE("what was not observed is absent with its reason, not 0") {
  const lab::Plan plan = plan_of("platform", 1);
  Observation o = good_run(plan.experiments[0], 105);
  o.kernel.switches.reset();
  o.why_no_switches = "ptrace sees no switches";
  o.cpu_ns.reset();
  o.at_end = {};
  const result::Result r = only_result(plan, {o});
  for (const char* key : {"switches_per_unit", "cpu_ns_per_unit", "resident_bytes_per_unit",
                          "unit_switches_per_unit"}) {
    CAPTURE(key);
    CHECK_FALSE(metric(r, key).value.has_value());
    CHECK_FALSE(metric(r, key).missing_because.empty());
  }
}

TEST_CASE("an interrupted run is kept, marked partial, and proves nothing") {
  const lab::Plan plan = plan_of("platform", 2);
  std::vector<Observation> runs{good_run(plan.experiments[0], 105),
                                good_run(plan.experiments[1], 50)};
  runs[1].ending = Ending::interrupted;
  runs[1].ended_because = "interrupted";
  runs[1].units[2].finished_ns = 0;
  const result::ResultSet set = lab::summarize(plan, runs, lab::Machine{});
  CHECK(set.partial);
  CHECK(set.results.at(0).partial);
  CHECK(set.results[0].partial_because == "interrupted");
  CHECK(set.results[0].claims.at(0).verdict == result::Verdict::not_testable_here);
}

TEST_CASE("a repetition that never ran makes the set partial") {
  const lab::Plan plan = plan_of("platform", 2);
  const std::vector<Observation> runs{good_run(plan.experiments[0], 105)};
  CHECK(lab::summarize(plan, runs, lab::Machine{}).partial);
}

TEST_CASE("units that failed are reported with the system's reason") {
  const lab::Plan plan = plan_of("platform", 1);
  Observation o = good_run(plan.experiments[0], 105);
  o.units[1].finished_ns = 0;
  o.units[1].error = ECONNRESET;
  const result::Result r = only_result(plan, {o});
  CHECK(r.partial);
  CHECK(r.partial_because == "only 2 of 3 units finished: Connection reset by peer");
}

TEST_CASE("memory of forked units is that of processes looked at while they waited, else absent") {
  const lab::Plan plan = plan_of("fork", 1);
  Observation o = good_run(plan.experiments[0], 105);
  CHECK_FALSE(metric(only_result(plan, {o}), "resident_bytes_per_unit").value.has_value());
  o.waiting = lab::WaitingFacts{1, 40960, 6 << 20};
  CHECK(metric(only_result(plan, {o}), "resident_bytes_per_unit").value == 40960.0);
}

}  // namespace vtlab::test
