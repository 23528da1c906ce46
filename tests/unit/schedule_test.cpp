// schedule_test.cpp — switches → who had the CPUs: slices, waits, sleeps, wakers, tids that come twice.
#include "lab/schedule.h"

#include <cmath>

#include "support/catch.h"

namespace vtlab::test {
namespace {

using lab::Schedule;
using probes::Switch;

constexpr std::uint8_t kVoluntary = 0x21, kPreempted = 0x00, kEnded = 0x60, kNew = 0x80;

// All on CPU 0 unless said otherwise.
Switch away(std::uint64_t at, std::uint32_t tid, std::uint8_t how) {
  return {at, 0, tid, 0, 0, 0, 0, how};
}
Switch to(std::uint64_t at, std::uint64_t queued, std::uint32_t tid, std::uint8_t how = 0,
          std::uint32_t waker = 0, std::uint8_t wakes = 0, std::uint16_t cpu = 0) {
  return {at, queued, 0, tid, waker, cpu, wakes, how};
}

// Groups "was there" and "born", by the most time on a CPU.
result::Scheduling schedule_of(const std::vector<Switch>& switches) {
  Schedule schedule([](std::uint32_t, bool born) { return born ? "born" : "was there"; });
  for (const Switch& s : switches) schedule.take(s);
  return schedule.finish();
}

const result::TaskGroup& group(const result::Scheduling& scheduling, const std::string& name) {
  for (const result::TaskGroup& each : scheduling.groups)
    if (each.name == name) return each;
  FAIL("there is no group " << name);
  throw 0;
}

bool near(double value, double expected) {
  return std::abs(value - expected) < 0.05;
}

}  // namespace

TEST_CASE("a slice, a wait and a sleep are told apart by who could have run when") {
  const auto seen =
      schedule_of({to(1000, 0, 7), away(1050, 7, kVoluntary), to(1300, 1250, 7),
                   away(1310, 7, kPreempted), to(1330, 1310, 7), away(1340, 7, kVoluntary)});
  const result::TaskGroup& all = group(seen, "was there");
  CHECK(all.tasks == 1);
  CHECK(all.voluntary == 2);
  CHECK(all.preempted == 1);
  CHECK(all.on_cpu.count == 3);
  CHECK(all.on_cpu.total_ns == 50 + 10 + 10);
  CHECK(all.on_cpu.max_ns == 50);
  CHECK(all.waiting.count == 2);
  CHECK(all.waiting.total_ns == 50 + 20);
  CHECK(all.off_cpu.count == 1);  // being preempted is no sleep
  CHECK(all.off_cpu.total_ns == 200);
  CHECK(seen.switches == 6);
}

TEST_CASE("a task is woken by its waker also when that has ended before the task runs") {
  const auto seen = schedule_of({to(10, 0, 1), to(20, 15, 2, kNew, 1), away(30, 2, kEnded),
                                 to(40, 29, 3, 0, 2, 1), to(41, 40, 4, 0, 99, 1),
                                 to(42, 41, 5, 0, 0, 1), to(43, 42, 6, 0, 6, 2)});
  const auto& woken_by = group(seen, "was there").woken_by;
  const auto times = [&](const std::string& by) {
    std::uint64_t sum = 0;
    for (const result::Waker& waker : woken_by) sum += waker.by == by ? waker.times : 0;
    return sum;
  };
  CHECK(times("born") == 1);
  CHECK(times(result::kWokenByOutside) == 1);
  CHECK(times(result::kWokenByInterrupt) == 1);
  CHECK(times(result::kWokenBySelf) == 2);
  CHECK(group(seen, "born").woken_by.empty());  // its creator made it runnable: no wake-up
}

TEST_CASE("a tid that is used again is another task") {
  const auto seen = schedule_of(
      {to(10, 5, 7, kNew), away(20, 7, kEnded), to(30, 25, 7, kNew), away(40, 7, kEnded)});
  CHECK(group(seen, "born").tasks == 2);
  CHECK(group(seen, "born").off_cpu.count == 0);
}

TEST_CASE("a migration is a run on another CPU than the run before") {
  const auto seen = schedule_of({to(10, 0, 7),
                                 away(20, 7, kVoluntary),
                                 to(30, 25, 7, 0, 0, 0, 1),
                                 {40, 0, 7, 0, 0, 1, 0, kVoluntary},
                                 to(50, 45, 7, 0, 0, 0, 1)});
  CHECK(group(seen, "was there").migrations == 1);
}

TEST_CASE("the timeline averages who lived, ran and waited, however long it gets") {
  std::vector<Switch> switches;
  const std::uint64_t start = 5'000'000;
  // One task that was there runs half of the time; a second lives for the second half and waits.
  constexpr std::uint64_t kRounds = 1000, kHalf = 10'000;
  for (std::uint64_t i = 0; i < kRounds; ++i) {
    const std::uint64_t at = start + 2 * kHalf * i;
    switches.push_back(to(at, 0, 1));
    switches.push_back(away(at + kHalf, 1, kVoluntary));
  }
  const std::uint64_t end = start + 2 * kHalf * kRounds;
  switches.push_back(to(end, start + kHalf * kRounds, 2, kNew));
  const auto seen = schedule_of(switches);
  const result::TaskTimeline& line = seen.timeline;
  REQUIRE(line.alive.size() == line.running.size());
  CHECK(line.alive.size() <= lab::Timeline::kSteps);
  CHECK(line.alive.size() > lab::Timeline::kSteps / 2 - 1);
  CHECK(near(line.alive.front(), 1));
  CHECK(near(line.alive.back(), 2));
  CHECK(near(line.waiting.front(), 0));
  CHECK(near(line.waiting.back(), 1));
  for (const double value : line.running) CHECK(near(value, 0.5));
}

TEST_CASE("of many groups those with the least time on CPUs are summed up") {
  Schedule schedule([](std::uint32_t tid, bool) { return "group " + std::to_string(tid); });
  for (std::uint32_t tid = 1; tid <= 100; ++tid) {
    schedule.take(to(1000 * tid, 0, tid));
    schedule.take(away(1000 * tid + tid, tid, kVoluntary));
  }
  const result::Scheduling seen = schedule.finish();
  REQUIRE(seen.groups.size() == Schedule::kMostShown);
  CHECK(seen.groups.front().name == "group 100");
  CHECK(seen.groups.back().name == "(89 others)");
  CHECK(seen.groups.back().tasks == 89);
  CHECK(seen.groups.back().on_cpu.total_ns == 89 * 90 / 2);
}

TEST_CASE("a histogram in powers of two has as many values as were recorded") {
  const auto seen =
      schedule_of({to(1000, 0, 7), away(1003, 7, kVoluntary), to(2000, 0, 7),
                   away(2100, 7, kVoluntary), to(3000, 0, 7), away(3127, 7, kVoluntary)});
  const auto& rows = group(seen, "was there").on_cpu.rows;
  REQUIRE(rows.size() == 2);
  CHECK((rows[0].up_to_ns == 3 && rows[0].count == 1));
  CHECK((rows[1].up_to_ns == 127 && rows[1].count == 2));
}

}  // namespace vtlab::test
