// timeline_test.cpp — switches, births and a runtime's records on one clock, and the document of that.
#include "lab/kernel_timeline.h"
#include "lab/own_units.h"
#include "lab/unit_timeline.h"
#include "result/observed_json.h"
#include "result/result_json.h"
#include "scenarios/actions.h"
#include "support/catch.h"
#include "vthreads/event_log.h"

namespace vtlab::test {
namespace {

using probes::Switch;
using result::Timeline;

constexpr std::uint8_t kBlocked = 0x21, kGaveWay = 0x20, kPreempted = 0x00, kEnded = 0x60,
                       kNew = 0x80;

Switch away(std::uint64_t at, std::uint32_t tid, std::uint8_t how, std::uint16_t cpu = 0) {
  return {at, 0, tid, 0, 0, cpu, 0, how};
}
Switch to(std::uint64_t at, std::uint32_t tid, std::uint8_t how = 0, std::uint32_t waker = 0,
          std::uint8_t wakes = 0, std::uint16_t cpu = 0, std::uint64_t queued = 0) {
  return {at, queued, 0, tid, waker, cpu, wakes, how};
}

probes::Event born(std::uint64_t at, std::uint32_t tid, std::uint32_t by,
                   Action action = Action::none, std::uint32_t unit_plus_1 = 0) {
  probes::Event event;
  event.time_ns = at;
  event.kind = probes::EventKind::started;
  event.tid = tid;
  event.tgid = 1;
  event.by_tid = by;
  event.action = static_cast<std::uint32_t>(action);
  event.unit = unit_plus_1;
  return event;
}
probes::Event died(std::uint64_t at, std::uint32_t tid) {
  probes::Event event;
  event.time_ns = at;
  event.kind = probes::EventKind::exited;
  event.tid = tid;
  event.tgid = 1;
  event.comm = {'w', 'o', 'r', 'k'};
  return event;
}

Timeline timeline_of(const std::vector<probes::Event>& events, const std::vector<Switch>& switches,
                     std::uint64_t lost = 0) {
  lab::Lives lives;
  for (const auto& event : events) lives.take(event);
  lab::KernelTimeline timeline(lives, 5);
  for (const Switch& s : switches) timeline.take(s);
  return timeline.finish(1000, lost);
}

UnitEvent record(std::uint64_t ns, vthreads::EventKind kind, std::uint64_t vthread,
                 std::uint8_t reason = 0, std::uint64_t arg = 0, std::uint32_t carrier = 0) {
  return {ns, vthread, arg, carrier, static_cast<std::uint8_t>(kind), reason, vthreads::kNoCarrier};
}

}  // namespace

TEST_CASE("a run ends as the kernel says, and says who woke it and how long it waited") {
  const Timeline seen =
      timeline_of({}, {to(10, 7, 0, 0, 1, 0, 8), away(20, 7, kBlocked), to(30, 7, 0, 9, 1),
                       away(40, 7, kPreempted), to(50, 7), away(60, 7, kGaveWay),
                       to(70, 8, 0, 7, 1, 1), away(80, 8, kEnded, 1), to(90, 7)});
  REQUIRE(seen.runs.size() == 5);
  using End = Timeline::RunEnd;
  CHECK(seen.runs[0].end == End::blocked);
  CHECK(seen.runs[0].waited_ns == 2);
  CHECK(seen.runs[0].woken == Timeline::WokenBy::interrupt);
  CHECK(seen.runs[1].end == End::preempted);
  CHECK(seen.runs[1].woken == Timeline::WokenBy::outside);
  CHECK(seen.runs[1].waited_ns == Timeline::kNotKnown);
  CHECK(seen.runs[2].end == End::yielded);
  CHECK(seen.runs[2].woken == Timeline::WokenBy::nobody);
  CHECK(seen.runs[3].end == End::ended);
  CHECK(seen.runs[3].woken == Timeline::WokenBy::task);
  CHECK(seen.tasks[seen.runs[3].waker].tid == 7);
  CHECK(seen.runs[4].end == End::open);
  CHECK(seen.runs[4].to_ns == 1000);
}

TEST_CASE(
    "who ran before recording began has run since then, and a tid that comes twice is two tasks") {
  const Timeline seen =
      timeline_of({born(10, 7, 1, Action::start_platform_thread, 4), died(30, 7), born(35, 7, 1)},
                  {away(12, 1, kBlocked), to(13, 7, kNew, 1), away(31, 7, kEnded),
                   to(40, 7, kNew, 1), away(45, 7, kBlocked)});
  REQUIRE(seen.tasks.size() == 3);
  REQUIRE(seen.runs.size() == 3);
  CHECK(seen.runs[0].from_ns == 5);
  CHECK(seen.runs[0].to_ns == 12);
  CHECK(seen.tasks[seen.runs[0].task].tid == 1);
  CHECK(seen.runs[1].task == 0);
  CHECK(seen.runs[2].task == 1);
  CHECK(seen.tasks[0].name == "work");
  CHECK(seen.tasks[0].ended_ns == 30);
  CHECK(seen.tasks[0].role == "platform thread");
  CHECK(seen.tasks[0].made_by == 2);
  REQUIRE(seen.units.size() == 1);  // the thread is unit 3
  CHECK(seen.units[seen.tasks[0].unit].number == 3);
  CHECK(seen.tasks[1].unit == Timeline::kNobody);
}

TEST_CASE("a switch that was lost makes no CPU hold two tasks") {
  const Timeline seen =
      timeline_of({}, {to(10, 7), to(20, 8), to(25, 7, 0, 0, 0, 1), away(30, 8, kBlocked)}, 3);
  REQUIRE(seen.runs.size() == 3);
  CHECK(seen.runs[0].to_ns == 20);
  CHECK(seen.runs[0].end == Timeline::RunEnd::open);
  REQUIRE(seen.lost.size() == 1);
  CHECK(seen.lost[0].count == 3);
}

TEST_CASE("a runtime's records become mounts and events on the lanes of its carriers") {
  using vthreads::EventKind;
  lab::Observation seen;
  seen.experiment.mode = find_mode("virtual");
  seen.start_ns = 100;
  seen.end_ns = 300;
  seen.unit_ids = {0, 42};
  seen.events = {record(110, EventKind::start, 42, 1, 1, vthreads::kOutside),
                 record(120, EventKind::carrier_start, 0, 0, 7),
                 record(130, EventKind::mount, 42),
                 record(150, EventKind::park, 42, 14),
                 record(150, EventKind::unmount, 42, 0),
                 record(170, EventKind::unpark, 42, 3, 12),
                 record(180, EventKind::mount, 42),
                 record(190, EventKind::lost, 0, 0, 5)};
  Timeline timeline = timeline_of({born(105, 7, 1, Action::start_carrier)},
                                  {away(104, 1, kBlocked), to(106, 7, kNew, 1)});
  lab::add_units(timeline, seen);
  CHECK(timeline.length_ns == 200);
  CHECK(timeline.tasks[0].role == "carrier 0");
  REQUIRE(timeline.mounts.size() == 2);
  CHECK(timeline.mounts[0].task == 0);
  CHECK(timeline.mounts[0].from_ns == 30);
  CHECK(timeline.mounts[0].to_ns == 50);
  CHECK(timeline.mounts[0].end == Timeline::MountEnd::parked);
  CHECK(timeline.units[timeline.mounts[0].unit].number == 1);
  CHECK(timeline.mounts[1].end == Timeline::MountEnd::open);
  CHECK(timeline.mounts[1].to_ns == 200);
  REQUIRE(timeline.events.size() == 4);
  CHECK(timeline.tasks[timeline.events[0].task].tid == 1);  // who started it
  CHECK(timeline.words[timeline.events[2].reason] == "io_read");
  CHECK(timeline.events[3].by == Timeline::Actor::descriptor);
  CHECK(timeline.events[3].number == 12);
  REQUIRE(timeline.lost.size() == 1);
  CHECK(timeline.lost[0].count == 5);
  REQUIRE(timeline.runs.size() == 2);  // what was before the window has no length in it
  CHECK(timeline.runs.back().end == Timeline::RunEnd::open);
}

TEST_CASE("a mode without records has the beginnings and ends of units, and says what is missing") {
  lab::Observation seen;
  seen.experiment.mode = find_mode("pool");
  seen.start_ns = 100;
  seen.end_ns = 300;
  seen.units = {{110, 150, 7, 7, 0}, {120, 0, 0, 0, 0}, {}};
  Timeline timeline = timeline_of({born(105, 7, 1, Action::start_pool_thread)}, {});
  lab::add_units(timeline, seen);
  CHECK(timeline.units.size() == 2);
  REQUIRE(timeline.events.size() == 3);
  CHECK(timeline.events[2].kind == Timeline::Kind::done);
  CHECK(timeline.events[2].task == 0);
  CHECK_FALSE(timeline.mounts_missing_because.empty());
}

namespace {

result::ResultSet with_timeline() {
  result::ResultSet set;
  set.host.started_at = "2026-11-20T10:00:00Z";
  result::Result& r = set.results.emplace_back();
  r.scenario = r.mode = "x";
  r.kernel_tasks_missing_because = "nobody looked";
  Timeline& t = r.details.timeline.value.emplace();
  t.start_ns = 77;
  t.length_ns = 100;
  t.tasks = {{.tid = 7, .tgid = 7, .name = "a\nb", .role = "main"},
             {.tid = 8, .action = "fork", .unit = 0, .made_by = 0, .born_ns = 3, .ended_ns = 9}};
  t.unit_names = {"named"};
  t.units = {{0xffff'8000'0000'0001, 5}, {2, {}, 0}};
  t.runs = {{.from_ns = 1,
             .to_ns = 2,
             .waited_ns = 4,
             .task = 1,
             .waker = 0,
             .cpu = 3,
             .end = Timeline::RunEnd::ended,
             .woken = Timeline::WokenBy::task}};
  t.mounts = {
      {.from_ns = 1, .to_ns = 100, .unit = 1, .task = 0, .end = Timeline::MountEnd::yielded}};
  t.words = {"park"};
  t.events = {{.at_ns = 4,
               .number = 1,
               .unit = 0,
               .kind = Timeline::Kind::unpark,
               .by = Timeline::Actor::unit},
              {.at_ns = 5, .task = 0, .peer = 1, .reason = 0, .kind = Timeline::Kind::compensate}};
  t.lost = {{"switches", 3}};
  t.mounts_missing_because = "so";
  return set;
}

std::string complaint_of(const std::string& what, const std::string& instead) {
  std::string text = result::to_json(with_timeline());
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  text.replace(at, what.size(), instead);
  try {
    (void)result::from_json(text);
  } catch (const result::SchemaError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a timeline comes back from its document as it was, a column on each line") {
  const std::string text = result::to_json(with_timeline());
  CHECK(result::to_json(result::from_json(text)) == text);
  CHECK(text.find("\"waker\": [0]") != std::string::npos);
  CHECK(text.find("\"born_ns\": [null,3]") != std::string::npos);
  const auto back = result::from_json(text);
  const Timeline& t = *back.results[0].details.timeline.value;
  CHECK(t.units[0].id == 0xffff'8000'0000'0001);
  CHECK(t.tasks[0].name == "a\nb");
  CHECK((t.tasks[0].action.empty() && t.tasks[1].action == "fork"));
  CHECK(t.events[1].peer == 1);
  CHECK(t.events[0].task == Timeline::kNobody);
  CHECK(t.runs[0].end == Timeline::RunEnd::ended);
}

TEST_CASE("a timeline that cannot be is refused, and the place is named") {
  const auto refused = [](const std::string& what, const std::string& instead,
                          const std::string& because) {
    const std::string complaint = complaint_of(what, instead);
    INFO(complaint);
    CHECK(complaint.find(because) != std::string::npos);
  };
  refused("\"cpu\": [3]", "\"cpu\": [65536]",
          "timeline.runs.columns.cpu: [0]: expected a whole number of at most 65535");
  refused("\"cpu\": [3]", "\"cpu\": [3,3]", "expected 1 values as in the columns before, found 2");
  refused("\"cpu\": [3]", "\"cpu\": [-1]",
          "cpu[0]: expected a whole number that is not negative, or null, found -1");
  refused("\"waker\": [0]", "\"waker\": [2]", "there is no entry 2");
  refused("\"to_ns\": [2]", "\"to_ns\": [0]", "it is before from_ns");
  refused("\"to_ns\": [100]", "\"to_ns\": [101]", "at most 100");
  refused("\"blocked\"", "\"exploded\"", "does not know \"exploded\"");
  refused("\"number\": [1,null]", "\"number\": [2,null]", "there is no entry 2");
  refused("\"reason\": [null,0]", "\"reason\": [null,1]", "there is no entry 1");
  refused("\"task\": [1]", "\"task\": [null]", "a run is of a task");
  refused("\"number\": [1,null]", "\"number\": [1,\"two\"]",
          "number[1]: expected a whole number that is not negative, or null, found \"two\"");
  refused("\"number\": [1,null]", "\"number\": [1,[2],{\"columns\": {\"x\": [3]}}]",
          "number[1]: expected a whole number that is not negative, or null, found [2]");
  refused("\"role\": [\"main\",\"\"]", "\"role\": [1,2]",
          "expected a list of words, found numbers");
  refused("\"cpu\": [3]", "\"cpu\": []", "expected 1 values as in the columns before, found 0");
}

TEST_CASE("a document that comes byte by byte is read as one that comes at once") {
  const std::string text = result::to_json(with_timeline());
  std::size_t place = 0;
  const auto next = [&] {
    return std::string_view(text).substr(std::min(place++, text.size()), 1);
  };
  CHECK(result::to_json(std::get<result::ResultSet>(result::read_document(next))) == text);
  std::string_view half = std::string_view(text).substr(0, text.size() / 2);
  const auto in_half = [&] { return std::exchange(half, {}); };
  CHECK_THROWS_WITH(result::read_document(in_half), Catch::Matchers::StartsWith("not JSON: "));
}

}  // namespace vtlab::test
