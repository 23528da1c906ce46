// What is run, in which order, and what is refused before it starts.
#include <set>

#include "lab/error.h"
#include "lab/plan.h"
#include "support/catch.h"

namespace vtlab::test {
namespace {

using lab::Resource;

lab::Request request(std::vector<const char*> modes, std::uint32_t tasks,
                     const char* scenario = "spawn-join") {
  lab::Request r;
  r.scenario = find_scenario(scenario);
  for (const char* mode : modes) r.modes.push_back(find_mode(mode));
  r.params = {.tasks = tasks, .carriers = 2, .delay_ns = 100'000'000, .seed = 1};
  return r;
}

lab::Machine small_machine() {
  lab::Machine m;
  m.limits = {
      {Resource::kernel_tasks, "kernel.pid_max", 32768, 110, "sysctl kernel.pid_max=4194304"},
      {Resource::memory_maps, "vm.max_map_count", 65530, 64, "sysctl vm.max_map_count=1000000"},
      {Resource::open_files, "ulimit -n (hard)", 20000, 64, ""},
      {Resource::memory, "MemAvailable", 20ull << 30, 0, ""}};
  return m;
}

// The Error that planning ends with.
lab::Error refusal(const lab::Request& r, const lab::Machine& m) {
  try {
    lab::plan(r, m);
  } catch (const lab::Error& error) {
    return error;
  }
  FAIL("was not refused");
  throw;
}

}  // namespace

TEST_CASE(
    "more platform threads than pid_max allows are refused, naming the limit and the largest that "
    "fits") {
  const lab::Error error = refusal(request({"platform"}, 100'000), small_machine());
  CHECK(error.code == lab::ExitCode::machine_cannot);
  CHECK(error.why.at(0).find("kernel.pid_max is 32768") != std::string::npos);
  CHECK(error.type.at(0).find("--tasks 32658") != std::string::npos);
}

TEST_CASE("the largest number that is named really fits, and one more does not") {
  CHECK_NOTHROW(lab::plan(request({"platform"}, 32'658), small_machine()));
  CHECK_THROWS_AS(lab::plan(request({"platform"}, 32'659), small_machine()), lab::Error);
}

TEST_CASE("who wants to know where it ends is not stopped before it begins") {
  CHECK_NOTHROW(lab::plan(request({"platform", "fork"}, 1'000'000, "threshold"), small_machine()));
}

TEST_CASE("virtual units are not limited by pid_max") {
  CHECK_NOTHROW(lab::plan(request({"virtual", "green"}, 100'000), small_machine()));
}

TEST_CASE("units with a connection each are limited by open files") {
  const lab::Error error = refusal(request({"virtual"}, 30'000, "blocking-io"), small_machine());
  CHECK(error.why.at(0).find("ulimit -n") != std::string::npos);
  CHECK(error.type.at(0).find("--tasks 19936") != std::string::npos);
}

TEST_CASE("the tightest of several limits is the one that is named") {
  lab::Machine m = small_machine();
  m.limits.push_back({Resource::kernel_tasks, "ulimit -u", 500, 20, ""});
  const lab::Error error = refusal(request({"fork"}, 100'000), m);
  CHECK(error.why.at(0).find("ulimit -u is 500, of which 20 are in use") != std::string::npos);
}

TEST_CASE("a limit that is already exceeded leaves room for nothing and suggests no number") {
  lab::Machine m = small_machine();
  m.limits = {{Resource::kernel_tasks, "pids.max of cgroup /x", 10, 12, ""}};
  const lab::Error error = refusal(request({"platform"}, 5), m);
  CHECK(error.type.empty());
}

TEST_CASE("with all modes, what does not fit is skipped with its reason and the rest is run") {
  lab::Request r = request({"platform", "virtual", "fork"}, 100'000);
  r.all_modes = true;
  const lab::Plan plan = lab::plan(r, small_machine());
  REQUIRE(plan.experiments.size() == 1);
  CHECK(plan.experiments[0].mode == find_mode("virtual"));
  REQUIRE(plan.skipped.size() == 2);
  CHECK(plan.skipped[0].mode == "platform");
  CHECK(plan.skipped[0].because.find("largest that fits is --tasks 32658") != std::string::npos);
}

TEST_CASE("repetitions are interleaved: every mode once before any mode twice") {
  lab::Request r = request({"platform", "virtual", "fork"}, 7);
  r.repeat = 5;
  const lab::Plan plan = lab::plan(r, small_machine());
  REQUIRE(plan.experiments.size() == 15);
  for (std::size_t round = 0; round < 5; ++round) {
    std::set<const Mode*> seen;
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(plan.experiments[3 * round + i].repetition == round);
      seen.insert(plan.experiments[3 * round + i].mode);
    }
    CHECK(seen.size() == 3);
  }
}

TEST_CASE("the same seed draws the same order, another seed another one") {
  lab::Request r = request({"platform", "virtual", "fork", "pool", "green"}, 7);
  r.repeat = 10;
  const auto order = [&](std::uint64_t seed) {
    r.params.seed = seed;
    std::vector<const Mode*> modes;
    for (const auto& e : lab::plan(r, small_machine()).experiments) modes.push_back(e.mode);
    return modes;
  };
  CHECK(order(1) == order(1));
  CHECK(order(1) != order(2));
}

TEST_CASE("the number of Ps is that of gmp alone, and as many as carriers if it is not given") {
  lab::Request r = request({"virtual", "gmp"}, 7);
  CHECK(lab::plan(r, small_machine()).experiments.at(1).params.carriers == 2);
  r.procs = 5;
  const lab::Plan plan = lab::plan(r, small_machine());
  CHECK(plan.experiments.at(0).params.carriers == 2);
  CHECK(plan.experiments.at(1).params.carriers == 5);
}

TEST_CASE("modes that do not wait by a poller are not told of one") {
  lab::Request r = request({"virtual", "platform"}, 7);
  r.params.poller = Poller::io_uring;
  const lab::Plan plan = lab::plan(r, small_machine());
  CHECK(plan.experiments.at(0).params.poller == Poller::io_uring);
  CHECK(plan.experiments.at(1).params.poller == Poller::epoll);
}

TEST_CASE("modes that are not of Java are not told how to pin") {
  lab::Request r = request({"platform", "java-virtual"}, 7, "pinned");
  r.foreign[r.modes.at(1)] = {};
  r.params.pin = Pin::native;
  const lab::Plan plan = lab::plan(r, small_machine());
  CHECK(plan.experiments.at(0).params.pin == Pin::synchronized);
  CHECK(plan.experiments.at(1).params.pin == Pin::native);
}

TEST_CASE(
    "what the JDK may tell its scheduler of may get as many carriers as the pool has room for") {
  const Scenario& pinned = *find_scenario("pinned");
  const Mode& mode = *find_mode("java-virtual");
  Params params{.tasks = 1000, .carriers = 2};
  CHECK(spares(pinned, mode, params) == 0);
  params.pin = Pin::file;
  CHECK(spares(pinned, mode, params) == 254);
}

TEST_CASE("units that wait for each other are refused in a pool that cannot hold them all") {
  const lab::Error error = refusal(request({"pool"}, 3, "parked-memory"), small_machine());
  CHECK(error.code == lab::ExitCode::usage);
  CHECK(error.why.at(0).find("would never begin") != std::string::npos);
  CHECK_NOTHROW(lab::plan(request({"pool"}, 2, "parked-memory"), small_machine()));
}

TEST_CASE("a pool is expected to take as many delays as there are rounds") {
  const auto expected = [](const char* mode) {
    return lab::plan(request({mode}, 7, "blocking-io"), small_machine())
        .experiments.at(0)
        .expected_ns;
  };
  CHECK(expected("pool") == 4 * 100'000'000u);  // 7 units, 2 at a time
  CHECK(expected("virtual") == 100'000'000u);
}

TEST_CASE("who waits at the same time depends on what the units hold while they wait") {
  const auto at_once = [](const char* scenario, const char* mode, std::uint32_t tasks) {
    return waiting_at_once(*find_scenario(scenario), *find_mode(mode),
                           {.tasks = tasks, .carriers = 3});
  };
  CHECK(at_once("blocking-io", "virtual", 1009) == 1009);
  CHECK(at_once("blocking-io", "pool", 1009) == 3);
  CHECK(at_once("pinned", "platform", 1009) == 1009);
  CHECK(at_once("pinned", "virtual", 1009) == 3);
  CHECK(at_once("pinned", "gmp", 2) == 2);
  CHECK(at_once("pinned", "green", 1009) == 1);
  CHECK(at_once("blocking-syscall", "green", 1009) == 1);
  CHECK(at_once("blocking-syscall", "virtual", 1009) == 256);  // as many carriers as there may be
}

TEST_CASE("carriers that may have to stand in count among the kernel tasks that are needed") {
  lab::Machine m = small_machine();
  m.limits = {{Resource::kernel_tasks, "kernel.pid_max", 200, 100, ""}};
  CHECK_NOTHROW(lab::plan(request({"virtual"}, 1009, "pinned"), m));
  CHECK_NOTHROW(lab::plan(request({"virtual"}, 98, "blocking-syscall"), m));
  CHECK_THROWS_AS(lab::plan(request({"virtual"}, 99, "blocking-syscall"), m), lab::Error);
}

TEST_CASE("ping-pong is refused where the second of a pair would wait for ever for its thread") {
  lab::Request r = request({"pool"}, 2, "ping-pong");
  r.params.carriers = 1;
  CHECK(refusal(r, small_machine()).why.at(0).find("--carriers 2") != std::string::npos);
  r.params.tasks = 1;
  CHECK_NOTHROW(lab::plan(r, small_machine()));
}

TEST_CASE(
    "a file is refused where nothing can wait for it, and pipes need two descriptors a unit") {
  lab::Request r = request({"event-loop"}, 11, "blocking-io");
  r.params.over = Over::file;
  CHECK(refusal(r, small_machine()).why.at(0).find("epoll refuses regular files") == 0);
  r.params.over = Over::pipe;
  CHECK_NOTHROW(lab::plan(r, small_machine()));
  r.params.tasks = 15'000;  // 20,000 files may be open
  CHECK_THROWS_AS(lab::plan(r, small_machine()), lab::Error);
  r.params.over = Over::socket;
  CHECK_NOTHROW(lab::plan(r, small_machine()));
}

TEST_CASE("what params say in words is what is taken from these words") {
  const Params said{.tasks = 7, .carriers = 3, .delay_ns = 5, .seed = 9, .over = Over::pipe};
  Params taken;
  for (const std::string& word : to_words(said)) CHECK(take_word(taken, word));
  CHECK(taken == said);
  CHECK_FALSE(take_word(taken, "over=carrier-pigeon"));
  CHECK(take_word(taken, "pin=native"));
  CHECK(taken.pin == Pin::native);
  CHECK(to_words(taken).back() == "pin=native");
  CHECK_FALSE(take_word(taken, "pin=needle"));
}

}  // namespace vtlab::test
