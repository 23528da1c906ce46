// From runs to verdicts: what is compared with what, which runs stand apart and why, how costs grow, where modes stop.
#include "lab/compare.h"

#include <set>

#include "lab/error.h"
#include "lab/outliers.h"
#include "lab/quantities.h"
#include "lab/time_left.h"
#include "result/comparison_json.h"
#include "result/observed_json.h"
#include "result/result_json.h"
#include "support/catch.h"

namespace vtlab::test {
namespace {

using lab::Run;
using lab::Trial;
using result::Comparison;
using result::Difference;
using result::Estimate;

constexpr std::uint64_t kMillisecond = 1'000'000;

// Runs of these wall times, one per round, on a machine that has nothing else to do.
Trial trial(const std::string& mode, std::vector<double> wall_ms, std::uint64_t tasks = 101) {
  Trial t{mode, tasks, {}};
  for (const double ms : wall_ms) {
    Run run;
    run.round = t.runs.size() + 1;
    run.wall_ns = static_cast<std::uint64_t>(ms * kMillisecond);
    run.readings["wall_ns"] = {ms * kMillisecond, {}};
    run.readings["kernel_tasks"] = {static_cast<double>(mode == "platform" ? tasks : 2), {}};
    run.conditions = {0, 0, 0, 0};
    t.runs.push_back(run);
  }
  return t;
}

Comparison asked(std::vector<std::string> modes) {
  Comparison c;
  c.host.cpus = 2;
  c.scenario = "blocking-io";
  c.baseline = modes.front();
  c.confidence = 0.95;
  for (const std::string& mode : modes) c.contenders.push_back({mode, {}});
  c.quantities = {{"kernel_tasks", "kernel tasks", "count", "", true, {}, {}},
                  {"wall_ns", "wall time", "ns", "", false, {}, {}}};
  return c;
}

Comparison compared(const std::vector<Trial>& trials) {
  Comparison c = asked({"platform", "virtual"});
  lab::compare(c, trials);
  return c;
}

const Estimate& estimate(const Comparison& c, const std::string& key, const std::string& mode,
                         std::size_t size = 0) {
  for (const result::Quantity& quantity : c.quantities)
    if (quantity.key == key)
      for (const Estimate& e : quantity.sizes.at(size).estimates)
        if (e.contender == mode) return e;
  FAIL("no estimate of " + key + " for " + mode);
  throw;
}

const std::vector<double> kFast{100, 101, 99, 102, 98, 100, 103},
    kSlow{310, 300, 320, 305, 315, 311, 309};

lab::SweepRequest sweep_request(std::vector<const char*> modes, std::vector<std::uint32_t> sizes,
                                std::uint32_t rounds, std::uint32_t warm_up = 0) {
  lab::SweepRequest sweep;
  sweep.request.scenario = find_scenario("spawn-join");
  for (const char* mode : modes) sweep.request.modes.push_back(find_mode(mode));
  sweep.request.params = {.tasks = sizes.front(), .carriers = 2, .seed = 1};
  sweep.request.repeat = rounds;
  sweep.sizes = std::move(sizes);
  sweep.warm_up = warm_up;
  return sweep;
}

lab::Machine machine_for(std::uint64_t kernel_tasks) {
  lab::Machine m;
  m.limits = {{lab::Resource::kernel_tasks, "kernel.pid_max", kernel_tasks, 0, ""}};
  return m;
}

}  // namespace

TEST_CASE("what is faster in every round is faster, and what is slower is slower") {
  const Estimate faster =
      estimate(compared({trial("platform", kSlow), trial("virtual", kFast)}), "wall_ns", "virtual");
  REQUIRE(faster.against);
  CHECK(faster.against->difference == Difference::lower);
  CHECK(faster.against->ratio.value() < 0.34);
  REQUIRE(faster.against->interval);
  CHECK(faster.against->interval->high < 0.35);
  const Estimate slower =
      estimate(compared({trial("platform", kFast), trial("virtual", kSlow)}), "wall_ns", "virtual");
  REQUIRE(slower.against);
  CHECK(slower.against->difference == Difference::higher);
}

TEST_CASE("what is now faster and now slower shows no difference, and the interval says so") {
  const Estimate e = estimate(compared({trial("platform", {100, 110, 90, 105, 95, 100, 120}),
                                        trial("virtual", {105, 100, 95, 100, 99, 90, 121})}),
                              "wall_ns", "virtual");
  REQUIRE(e.against);
  CHECK(e.against->difference == Difference::none_shown);
  CHECK(e.against->because.empty());
  REQUIRE(e.against->interval);
  CHECK(e.against->interval->low <= 1);
  CHECK(e.against->interval->high >= 1);
}

TEST_CASE("with too few rounds no difference is shown, and it is said how many are enough") {
  const Comparison c =
      compared({trial("platform", {300, 310, 305}), trial("virtual", {100, 101, 99})});
  const Estimate& e = estimate(c, "wall_ns", "virtual");
  REQUIRE(e.against);
  CHECK(e.against->difference == Difference::none_shown);
  CHECK(e.against->because == "3 rounds are too few to tell from chance; 6 are enough");
  CHECK_FALSE(e.interval.has_value());
  CHECK(estimate(c, "kernel_tasks", "virtual").against->difference == Difference::lower);
}

TEST_CASE("only rounds in which both ran are paired") {
  Trial late = trial("virtual", kFast);
  late.runs.erase(late.runs.begin(), late.runs.begin() + 3);
  const Comparison c = compared({trial("platform", kSlow), late});
  const Estimate& e = estimate(c, "wall_ns", "virtual");
  CHECK(e.rounds == std::vector<std::uint64_t>{4, 5, 6, 7});
  CHECK(e.against->because.find("4 rounds are too few") == 0);
}

TEST_CASE("a quantity that one run lacks is absent with its reason and is compared with nothing") {
  Trial gap = trial("virtual", kFast);
  gap.runs[2].readings["wall_ns"] = {std::nullopt, "the clock was lost"};
  const Comparison c = compared({trial("platform", kSlow), gap});
  const Estimate& e = estimate(c, "wall_ns", "virtual");
  CHECK_FALSE(e.median.has_value());
  CHECK(e.values.empty());
  CHECK(e.missing_because == "the clock was lost");
  CHECK_FALSE(e.against.has_value());
}

TEST_CASE("a slow run while other programs had the CPUs stands apart and names them") {
  Trial slow = trial("virtual", kFast);
  slow.runs[4].wall_ns = 400 * kMillisecond;
  slow.runs[4].readings["wall_ns"] = {400.0 * kMillisecond, {}};
  slow.runs[4].conditions.others_cpu_ns = 600 * kMillisecond;
  const Comparison c = compared({trial("platform", kSlow), slow});
  const Estimate& e = estimate(c, "wall_ns", "virtual");
  REQUIRE(e.outliers.size() == 1);
  CHECK(e.outliers[0].round == 5);
  CHECK(e.outliers[0].because == "other programs used 75 % of the CPUs (mostly 0 %)");
  CHECK(estimate(c, "wall_ns", "platform").outliers.empty());
  CHECK(*e.median < 102 * kMillisecond);
}

TEST_CASE("stolen time, disk reads and preemptions are told apart, and nothing unusual is said") {
  const auto cause = [](auto change) {
    Trial t = trial("virtual", {100, 100, 100, 100, 100, 400});
    change(t.runs[5].conditions);
    return lab::likely_cause(t.runs, 5, true, 2);
  };
  CHECK(cause([](auto& c) { c.stolen_ns = 200 * kMillisecond; }) ==
        "the hypervisor gave others 25 % of the CPUs (mostly 0 %)");
  CHECK(cause([](auto& c) { c.major_faults = 37; }) ==
        "it had to read pages from a disk 37 times (mostly 0)");
  CHECK(cause([](auto& c) { c.preempted = 50; }) ==
        "its tasks had to leave a CPU to somebody 50 times (mostly 0)");
  CHECK(cause([](auto&) {}).find("unknown: nothing") == 0);
  CHECK(cause([](auto& c) { c = {}; }).find("was not recorded") != std::string::npos);
}

TEST_CASE("a run that was fast is not explained by what would make it slow") {
  Trial t = trial("virtual", {100, 100, 100, 100, 100, 40});
  t.runs[5].conditions.others_cpu_ns = 70 * kMillisecond;
  CHECK(lab::likely_cause(t.runs, 5, false, 2).find("unknown") == 0);
}

TEST_CASE("a machine that was busy throughout is a note and not the cause of one run") {
  Trial t = trial("virtual", kFast);
  for (Run& run : t.runs) run.conditions.others_cpu_ns = run.wall_ns;
  const Comparison c = compared({trial("platform", kSlow), t});
  CHECK(lab::why_all_is_noisy(t.runs, 2).find("50 % of the CPUs") != std::string::npos);
  CHECK(estimate(c, "wall_ns", "virtual").outliers.empty());
}

TEST_CASE("over several sizes the cost of one more unit is the slope, and a flat one is 0") {
  std::vector<Trial> trials;
  for (const std::uint64_t tasks : {10u, 100u, 1000u}) {
    const double n = static_cast<double>(tasks);
    trials.push_back(trial("platform", std::vector<double>(6, n), tasks));
    trials.push_back(trial("virtual", std::vector<double>(6, 7), tasks));
  }
  const Comparison c = compared(trials);
  const result::Quantity& wall = c.quantities[1];
  REQUIRE(wall.growth.size() == 2);
  CHECK(std::abs(wall.growth[0].per_unit - kMillisecond) < 1);
  CHECK(std::abs(*wall.growth[0].power - 1) < 1e-9);
  REQUIRE(wall.growth[0].per_unit_interval);
  CHECK(std::abs(wall.growth[1].per_unit) < 1e-9);
  CHECK(std::abs(*wall.growth[1].power) < 1e-9);
  CHECK(wall.sizes.size() == 3);
}

TEST_CASE("a round of a sweep has every mode at every size once, in an order that the seed draws") {
  const lab::Sweep sweep =
      lab::plan_sweep(sweep_request({"platform", "virtual"}, {10, 100, 1000}, 3, 2), {});
  REQUIRE(sweep.experiments.size() == 5 * 6);
  std::set<std::vector<std::string>> orders;
  for (std::size_t round = 0; round < 5; ++round) {
    std::set<std::string> seen;
    std::vector<std::string> order;
    for (std::size_t i = 6 * round; i < 6 * round + 6; ++i) {
      const lab::Experiment& e = sweep.experiments[i];
      CHECK(e.repetition == round);
      order.push_back(std::string(e.mode->name) + std::to_string(e.params.tasks));
      seen.insert(order.back());
    }
    CHECK(seen.size() == 6);
    orders.insert(order);
  }
  CHECK(orders.size() > 1);
  const lab::Sweep again =
      lab::plan_sweep(sweep_request({"platform", "virtual"}, {10, 100, 1000}, 3, 2), {});
  for (std::size_t i = 0; i < sweep.experiments.size(); ++i)
    CHECK(sweep.experiments[i].mode == again.experiments[i].mode);
}

TEST_CASE("a mode stops at the first size that a limit forbids, and the others go on") {
  const lab::Sweep sweep = lab::plan_sweep(
      sweep_request({"platform", "virtual"}, {10, 100, 1000, 5000}, 1), machine_for(500));
  REQUIRE(sweep.stops.size() == 1);
  CHECK(sweep.stops[0].contender == "platform");
  CHECK(sweep.stops[0].tasks == 1000);
  CHECK(sweep.stops[0].because.find("kernel.pid_max is 500") == 0);
  CHECK(sweep.experiments.size() == 2 + 4);
}

TEST_CASE("what does not fit at the smallest size, or leaves only one mode, is refused") {
  CHECK_THROWS_AS(
      lab::plan_sweep(sweep_request({"platform", "virtual"}, {1000}, 1), machine_for(500)),
      lab::Error);
  lab::SweepRequest all = sweep_request({"platform", "virtual"}, {1000}, 1);
  all.request.all_modes = true;
  CHECK_THROWS_AS(lab::plan_sweep(all, machine_for(500)), lab::Error);
}

TEST_CASE("the time left is what the rest took the last time, and before that its waiting") {
  const lab::Sweep sweep = lab::plan_sweep(sweep_request({"platform", "virtual"}, {10}, 2), {});
  lab::TimeLeft left(sweep.experiments);
  CHECK(left.after_next_ns() == 0);  // spawn-join does not wait
  left.ended(5 * kMillisecond);
  left.ended(2 * kMillisecond);
  const bool first_again = sweep.experiments[3].mode == sweep.experiments[0].mode;
  CHECK(left.after_next_ns() == (first_again ? 5 : 2) * kMillisecond);
  left.ended(1);
  left.ended(1);
  left.ended(1);
  CHECK(left.after_next_ns() == 0);
}

TEST_CASE("quantities are asked for by group, by key and all at once") {
  const auto is = [](const char* key, std::vector<std::string> words) {
    return lab::is_asked_for(key, find_scenario("spawn-join"), words);
  };
  CHECK(is("wall_ns", {"wall"}));
  CHECK(is("kernel_stack_bytes_per_unit", {"wall", "memory"}));
  CHECK(is("reserved_bytes_per_unit", {"all"}));
  CHECK(is("switches_per_unit", {"switches_per_unit"}));
  CHECK_FALSE(is("wall_ns", {"latency"}));
  CHECK_FALSE(is("wall_ns", {"own"}));
}

TEST_CASE("a comparison that is written and read again is the same") {
  Trial slow = trial("virtual", kFast);
  slow.runs[4].readings["wall_ns"] = {400.0 * kMillisecond, {}};
  slow.runs[1].conditions = {};
  Comparison c = asked({"platform", "virtual", "fork"});
  c.stops.push_back({"fork", 50, "no room"});
  c.partial = true;
  c.partial_because = "interrupted";
  c.notes = {"a note"};
  lab::compare(c, std::vector<Trial>{trial("platform", kSlow), slow, trial("platform", kSlow, 7)});
  const std::string json = result::to_json(c);
  const result::Document read = result::read_document(json);
  REQUIRE(std::holds_alternative<Comparison>(read));
  CHECK(result::to_json(std::get<Comparison>(read)) == json);
}

TEST_CASE("a comparison with as many rounds as values is demanded, and a difference by its name") {
  const std::string json =
      result::to_json(compared({trial("platform", kSlow), trial("virtual", kFast)}));
  const auto with = [&](const std::string& was, const std::string& is) {
    std::string text = json;
    const auto at = text.find(was);
    REQUIRE(at != std::string::npos);
    return text.replace(at, was.size(), is);
  };
  CHECK_THROWS_AS(result::read_document(with("\"lower\"", "\"smaller\"")), result::SchemaError);
  CHECK_THROWS_AS(result::read_document(with("\"median\"", "\"middle\"")), result::SchemaError);
  CHECK_THROWS_AS(result::read_document(with("vtlab.compare/1", "vtlab.compare/2")),
                  result::SchemaError);
}

}  // namespace vtlab::test
