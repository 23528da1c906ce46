// Passes of a JVM's functions become mounts and events.
#include "lab/jvm_timeline.h"

#include "support/catch.h"

namespace vtlab::lab {
namespace {

using result::Timeline;
using Step = JvmStep;
using End = Timeline::MountEnd;

constexpr std::uint32_t kRunning = 2, kParking = 3, kYielding = 10, kBlocking = 12;

Timeline told(const std::vector<JvmPass>& passes, bool always = true) {
  Timeline timeline;
  timeline.tasks = {{.tid = 100, .tgid = 100}, {.tid = 101, .tgid = 100}};
  UnitTimeline to(timeline);
  JvmTimeline jvm(timeline, to, always);
  for (const JvmPass& pass : passes) jvm.take(pass);
  jvm.finish();
  to.finish(1000);
  return timeline;
}

}  // namespace

TEST_CASE("a virtual thread that parks has a mount before and one after, and then it is done") {
  const Timeline t = told({{10, 101, Step::mount, 34, true, kRunning},
                           {20, 101, Step::unmount, 34, true, kParking},
                           {25, 101, Step::unmount, 34, false, kParking},
                           {30, 100, Step::mount, 34, true, kRunning},
                           {31, 100, Step::mount, 34, false, kRunning},
                           {40, 100, Step::ended, 34, false, kRunning},
                           {41, 100, Step::unmount, 34, false, kRunning}});
  REQUIRE(t.mounts.size() == 2);
  CHECK(t.mounts[0].from_ns == 10);
  CHECK(t.mounts[0].to_ns == 20);
  CHECK(t.mounts[0].task == 1);
  CHECK(t.mounts[0].end == End::parked);
  CHECK(t.mounts[1].from_ns == 30);
  CHECK(t.mounts[1].to_ns == 40);
  CHECK(t.mounts[1].end == End::done);
  REQUIRE(t.units.size() == 1);
  CHECK(t.units[0].id == 34);
  REQUIRE(t.events.size() == 2);
  CHECK(t.events[0].kind == Timeline::Kind::park);
  CHECK(t.events[0].at_ns == 20);
  CHECK(t.events[1].kind == Timeline::Kind::done);
  CHECK(t.tasks[1].role == "carrier 0");
  CHECK(t.tasks[0].role == "carrier 1");
}

TEST_CASE("a virtual thread that could not leave is pinned and stays mounted") {
  const Timeline t = told({{10, 101, Step::mount, 34, true, kRunning},
                           {20, 101, Step::unmount, 34, true, kParking},
                           {21, 101, Step::pinned, 0, false, 3},
                           {22, 101, Step::mount, 34, false, kParking},
                           {40, 101, Step::ended, 34, false, kRunning}});
  REQUIRE(t.mounts.size() == 1);
  CHECK(t.mounts[0].to_ns == 40);
  REQUIRE(t.events.size() == 2);
  CHECK(t.events[0].kind == Timeline::Kind::pin);
  CHECK(t.events[0].at_ns == 20);
  CHECK(t.words.at(t.events[0].reason) == "native frame");
}

TEST_CASE("who yields does not park, and who cannot yield does not wait") {
  const Timeline t = told({{10, 101, Step::mount, 34, true, kRunning},
                           {20, 101, Step::unmount, 34, true, kYielding},
                           {21, 101, Step::mount, 34, false, kYielding},
                           {30, 101, Step::unmount, 34, true, kYielding},
                           {31, 101, Step::unmount, 34, false, kYielding}});
  REQUIRE(t.mounts.size() == 1);
  CHECK(t.mounts[0].end == End::yielded);
  CHECK(t.mounts[0].to_ns == 30);
  CHECK(t.events.empty());
}

TEST_CASE("at a monitor the JVM takes it off its carrier without having been asked") {
  const Timeline t = told(
      {{10, 101, Step::mount, 34, true, kRunning}, {20, 101, Step::unmount, 34, false, kBlocking}});
  REQUIRE(t.mounts.size() == 1);
  CHECK(t.mounts[0].to_ns == 20);
  CHECK(t.mounts[0].end == End::parked);
  REQUIRE(t.events.size() == 1);
  CHECK(t.words.at(t.events[0].reason) == "a monitor");
}

TEST_CASE("of a JVM that does not tell, somebody is mounted from a thaw to the next freeze") {
  const Timeline t = told({{5, 101, Step::freeze, 0, false, 0},
                           {10, 101, Step::thaw, 0, false, 0},
                           {12, 101, Step::thaw, 0, false, 1},
                           {14, 101, Step::mount, 99, true, kRunning},
                           {20, 101, Step::freeze, 0, false, 0},
                           {30, 101, Step::thaw, 0, false, 0},
                           {40, 101, Step::thaw, 0, false, 0}},
                          false);
  REQUIRE(t.mounts.size() == 1);
  CHECK(t.mounts[0].from_ns == 10);
  CHECK(t.mounts[0].to_ns == 20);
  CHECK(t.unit_names.at(t.units[t.mounts[0].unit].name) == "some virtual thread");
  REQUIRE(t.events.size() == 2);
  CHECK(t.events[0].at_ns == 5);
  CHECK(t.events[0].unit == Timeline::kNobody);
  CHECK(t.events[1].at_ns == 20);
}

TEST_CASE("of a JVM that does not tell, a freeze in vain ends no mount") {
  const Timeline t = told({{10, 101, Step::thaw, 0, false, 0},
                           {20, 101, Step::freeze, 0, false, 0},
                           {21, 101, Step::pinned, 0, false, 4},
                           {30, 101, Step::freeze, 0, false, 0}},
                          false);
  REQUIRE(t.mounts.size() == 1);
  CHECK(t.mounts[0].to_ns == 30);
  REQUIRE(t.events.size() == 2);
  CHECK(t.events[0].kind == Timeline::Kind::pin);
  CHECK(t.events[1].kind == Timeline::Kind::park);
}

TEST_CASE("a virtual thread that was mounted before the window has its events, and no mount") {
  const Timeline t = told({{10, 101, Step::unmount, 34, true, kParking},
                           {11, 101, Step::unmount, 34, false, kParking},
                           {20, 100, Step::ended, 35, false, kRunning}});
  CHECK(t.mounts.empty());
  REQUIRE(t.events.size() == 2);
  CHECK(t.units[t.events[0].unit].id == 34);
  CHECK(t.units[t.events[1].unit].id == 35);
}

TEST_CASE("which JVM tells always stands in its command line") {
  std::string words = "java";
  for (const char* option : kTellAlways) words += std::string(1, '\0') + option;
  CHECK(tells_always(words));
  CHECK_FALSE(tells_always("java -XX:+UnlockDiagnosticVMOptions -jar notifyJvmtiVThreadMount.jar"));
}

}  // namespace vtlab::lab
