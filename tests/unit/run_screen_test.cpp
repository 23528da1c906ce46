// run_screen_test.cpp — what an observer has so far → a frame: rates since the last look, and nothing that is not known.
#include "commands/run_screen.h"
#include "scenarios/actions.h"
#include "scenarios/catalogue.h"
#include "support/catch.h"

namespace vtlab::test {
namespace {

using render::Frame;

lab::Experiment waits() {
  lab::Experiment experiment;
  experiment.scenario = find_scenario("blocking-io");
  experiment.mode = find_mode("platform");
  experiment.params.tasks = 101;
  experiment.expected_ns = 3'000'000'000;
  return experiment;
}

lab::SoFar so_far(std::uint64_t tasks, std::uint64_t switches) {
  lab::SoFar now;
  now.view.kernel_tasks = tasks;
  now.view.switches = switches;
  now.view.by_action.resize(kActionCount);
  now.view.by_action[static_cast<std::size_t>(Action::start_platform_thread)].kernel_tasks = tasks;
  now.alive = tasks + 1;
  return now;
}

}  // namespace

TEST_CASE("a live frame has the ledger so far, the units and rates since the last look") {
  const lab::SoFar before = so_far(50, 1000), now = so_far(101, 3000);
  const Frame frame =
      commands::frame_of(waits(), 7, 1'000'000'000, now, &before, 500'000'000, "run 1 of 2");
  CHECK((frame.made == 101u && frame.alive == 102u));
  REQUIRE(frame.actions.size() == 1);
  CHECK((frame.actions[0].title == "start platform thread" && frame.actions[0].so_far == 101u));
  CHECK_FALSE(frame.actions[0].in_all);
  CHECK((frame.units == 101 && frame.states[0].units == 94 && frame.states[1].units == 7));
  REQUIRE(frame.counts.size() == 1);
  CHECK((frame.counts[0].so_far == 3000 && frame.counts[0].per_second == 4000.0));
  CHECK((frame.expected && frame.length_ns == 3'000'000'000u));
  CHECK(frame.pace == "run 1 of 2");
}

TEST_CASE("a live frame says nothing that the observer does not know, and no time that is over") {
  const Frame frame = commands::frame_of(waits(), 0, 4'000'000'000, lab::SoFar{}, nullptr, 0, "");
  CHECK_FALSE(frame.made);
  CHECK_FALSE(frame.alive);
  CHECK(frame.counts.empty());
  CHECK_FALSE(frame.length_ns);
  CHECK_FALSE(commands::frame_of(waits(), 0, 1, so_far(1, 1), nullptr, 0, "").counts[0].per_second);
}

}  // namespace vtlab::test
