// Passes of Go's scheduler become mounts and events.
#include "lab/go_timeline.h"

#include "support/catch.h"

namespace vtlab::lab {
namespace {

using result::Timeline;

struct Machine {
  Timeline timeline;
  Machine() { timeline.tasks = {{.tid = 100, .tgid = 100}, {.tid = 101, .tgid = 100}}; }
  Timeline told(const std::vector<GoPass>& passes) {
    UnitTimeline to(timeline);
    GoTimeline go(to);
    for (const GoPass& pass : passes) go.take(pass);
    to.finish(1000);
    return timeline;
  }
};

}  // namespace

TEST_CASE("a goroutine that parks and is made ready has a mount before and one after") {
  const Timeline t = Machine().told({{10, 100, GoStep::mount, 0xc0, ""},
                                     {20, 100, GoStep::park, 0xc0, "chan receive"},
                                     {25, 100, GoStep::mount, 0xc1, ""},
                                     {30, 100, GoStep::ready, 0xc0, ""},
                                     {40, 101, GoStep::mount, 0xc0, ""},
                                     {50, 101, GoStep::ended, 0xc0, ""}});
  REQUIRE(t.mounts.size() == 3);
  CHECK(t.mounts[0].from_ns == 10);
  CHECK(t.mounts[0].to_ns == 20);
  CHECK(t.mounts[0].end == Timeline::MountEnd::parked);
  CHECK(t.mounts[1].end == Timeline::MountEnd::open);
  CHECK(t.mounts[2].task == 1);
  CHECK(t.mounts[2].unit == t.mounts[0].unit);
  CHECK(t.mounts[2].end == Timeline::MountEnd::done);
  REQUIRE(t.events.size() == 3);
  CHECK(t.events[0].kind == Timeline::Kind::park);
  CHECK(t.words.at(t.events[0].reason) == "chan receive");
  CHECK(t.events[1].kind == Timeline::Kind::unpark);
  CHECK(t.events[1].by == Timeline::Actor::unit);
  CHECK(t.events[1].number == t.mounts[1].unit);
}

TEST_CASE("a g that is used again is another goroutine") {
  const Timeline t = Machine().told({{10, 100, GoStep::mount, 0xc0, ""},
                                     {20, 100, GoStep::ended, 0xc0, ""},
                                     {30, 100, GoStep::mount, 0xc0, ""},
                                     {40, 100, GoStep::ended, 0xc0, ""}});
  CHECK(t.units.size() == 2);
  REQUIRE(t.mounts.size() == 2);
  CHECK(t.mounts[0].unit != t.mounts[1].unit);
}

TEST_CASE("a goroutine that leaves its M without a word has yielded, or lost its P in a call") {
  const Timeline t = Machine().told({{10, 100, GoStep::mount, 0xc0, ""},
                                     {20, 100, GoStep::mount, 0xc1, ""},
                                     {30, 100, GoStep::call, 0xc1, ""},
                                     {40, 101, GoStep::mount, 0xc1, ""},
                                     {50, 101, GoStep::call, 0xc1, ""},
                                     {60, 101, GoStep::call_over, 0xc1, ""},
                                     {70, 101, GoStep::mount, 0xc0, ""}});
  REQUIRE(t.mounts.size() == 4);
  CHECK(t.mounts[0].end == Timeline::MountEnd::yielded);
  CHECK(t.mounts[1].end == Timeline::MountEnd::blocking);
  CHECK(t.mounts[2].end == Timeline::MountEnd::yielded);
  CHECK(t.mounts[2].to_ns == 70);
}

TEST_CASE("passes of tasks that nobody observed make no mounts") {
  const Timeline t = Machine().told({{10, 999, GoStep::mount, 0xc0, ""},
                                     {20, 999, GoStep::park, 0xc0, "sleep"},
                                     {30, 999, GoStep::ended, 0xc0, ""}});
  CHECK(t.mounts.empty());
  CHECK(t.events.size() == 2);
}

}  // namespace vtlab::lab
