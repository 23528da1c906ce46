// What the event log tells of vthreads that do one known thing.
#include "vthreads/event_log.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_fixture.h"
#include "support/vthreads_gmp.h"
#include "vthreads/blocking.h"
#include "vthreads/io.h"
#include "vthreads/vthreads.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;

Config with_log(unsigned carriers, std::size_t records = 1 << 16) {
  Config config;
  config.carriers = carriers;
  config.event_log = records;
  return config;
}

Config green(std::size_t records = 1 << 16) {
  Config config = with_log(1, records);
  config.drive = Config::Drive::calling_thread;
  return config;
}

std::string text(const Event& event) {
  std::string text(name_of(event.kind));
  if (const auto reason = reason_name_of(event); !reason.empty())
    text += "(" + std::string(reason) + ")";
  return text;
}

std::string story_of(std::uint64_t vthread, const EventLog& log) {
  std::string story;
  for (const Event& event : log.events) {
    if (event.vthread == vthread) story += (story.empty() ? "" : " ") + text(event);
  }
  return story;
}

std::vector<Event> select(const EventLog& log, const std::string& wanted) {
  std::vector<Event> selected;
  for (const Event& event : log.events) {
    if (text(event) == wanted) selected.push_back(event);
  }
  return selected;
}

// Events that were read before are not there any more: this one keeps them.
class Reader {
 public:
  explicit Reader(Scheduler& scheduler) : scheduler_(scheduler) {}
  bool has(const std::string& wanted) {
    EventLog more = scheduler_.events();
    log_.lost += more.lost;
    log_.events.insert(log_.events.end(), more.events.begin(), more.events.end());
    sort_by_time(log_.events);
    return !select(log_, wanted).empty();
  }
  const EventLog& log() const { return log_; }

 private:
  Scheduler& scheduler_;
  EventLog log_;
};

void check_legal(const EventLog& log) {
  CHECK(first_illegal_step(log.events).value_or("") == "");
}

struct Pipe {
  Pipe() { REQUIRE(::pipe(ends) == 0); }
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  int ends[2];
};

}  // namespace

TEST_CASE("without a log there are no events", "[vthreads][events]") {
  Scheduler scheduler;
  scheduler.start([] { this_vthread::yield(); }).join();
  int calls = 0;
  scheduler.drain_events([&](std::span<const Event>) { ++calls; });
  CHECK(calls == 0);
  CHECK(scheduler.events().events.empty());
}

TEST_CASE("the log tells the whole life of a vthread, and who woke it", "[vthreads][events]") {
  Scheduler scheduler(green());
  VThreadRef sleeper;
  VThread a = scheduler.start([] {
    this_vthread::park();
    this_vthread::sleep_for(1ms);
  });
  sleeper = a.ref();
  VThread b = scheduler.start([&] { sleeper.unpark(); });
  const std::uint64_t a_id = a.id(), b_id = b.id();
  scheduler.run();
  a.join();
  b.join();
  const EventLog log = scheduler.events();
  check_legal(log);
  CHECK(log.lost == 0);
  CHECK(story_of(a_id, log) ==
        "start(platform_thread) mount park(park) unmount(park) unpark(vthread) mount "
        "park(sleep) unmount(park) unpark(deadline) mount done unmount(done)");
  CHECK(story_of(b_id, log) == "start(platform_thread) mount done unmount(done)");
  CHECK(select(log, "unpark(vthread)").front().arg == b_id);
  CHECK(select(log, "start(platform_thread)").front().arg ==
        static_cast<std::uint64_t>(::gettid()));
  CHECK(select(log, "start(platform_thread)").front().carrier == kOutside);
  REQUIRE(select(log, "carrier_start").size() == 1);
  CHECK(select(log, "carrier_start").front().arg == static_cast<std::uint64_t>(::gettid()));
  CHECK(select(log, "carrier_stop").size() == 1);
}

TEST_CASE("a yield, a start by a vthread and a join are told as such", "[vthreads][events]") {
  Scheduler scheduler(green());
  std::uint64_t child_id = 0;
  VThread parent = scheduler.start([&] {
    VThread child = scheduler.start([] { this_vthread::yield(); });
    child_id = child.id();
    this_vthread::yield();
    child.join();
  });
  const std::uint64_t id = parent.id();
  scheduler.run();
  parent.join();
  const EventLog log = scheduler.events();
  check_legal(log);
  CHECK(story_of(id, log) ==
        "start(platform_thread) mount unmount(yield) mount park(join) unmount(park) "
        "unpark(vthread) mount done unmount(done)");
  CHECK(story_of(child_id, log) ==
        "start(vthread) mount unmount(yield) mount done unmount(done_to_joiner)");
  CHECK(select(log, "start(vthread)").front().arg == id);
  CHECK(select(log, "unpark(vthread)").front().arg == child_id);
}

TEST_CASE("a joiner that is not handed the carrier was woken by who has finished too",
          "[vthreads][events]") {
  Scheduler scheduler(green());
  std::uint64_t child_id = 0;
  VThread parent = scheduler.start([&] {
    VThread child = scheduler.start([&] { scheduler.start([] {}).detach(); });
    child_id = child.id();
    child.join();
  });
  scheduler.run();
  parent.join();
  const EventLog log = scheduler.events();
  check_legal(log);
  REQUIRE(select(log, "unpark(vthread)").size() == 1);
  CHECK(select(log, "unpark(vthread)").front().arg == child_id);
  CHECK(select(log, "unmount(done_to_joiner)").empty());
}

TEST_CASE("a wait for a descriptor is told, and its end with the descriptor",
          "[vthreads][events]") {
  Scheduler scheduler(with_log(1));
  Pipe pipe;
  io::prepare(pipe.ends[0]);
  char byte = 0;
  VThread reader = scheduler.start([&] { io::read(pipe.ends[0], &byte, 1); });
  test::wait_until([&] { return reader.state() == State::parked; });
  CHECK(reader.wait_reason() == WaitReason::io_read);
  REQUIRE(::write(pipe.ends[1], "x", 1) == 1);
  reader.join();
  const EventLog log = scheduler.events();
  check_legal(log);
  CHECK(select(log, "park(io_read)").size() == 1);
  const auto readable = select(log, "unpark(readiness)");
  REQUIRE_FALSE(readable.empty());
  CHECK(readable.front().arg == static_cast<std::uint64_t>(pipe.ends[0]));
}

TEST_CASE("a wake-up from outside names the kernel tid", "[vthreads][events]") {
  Scheduler scheduler(with_log(2));
  VThread waits = scheduler.start([] { this_vthread::park(); });
  test::wait_until([&] { return waits.state() == State::parked; });
  CHECK(waits.wait_reason() == WaitReason::park);
  std::atomic<std::uint64_t> tid{0};
  std::thread([&] {
    tid = static_cast<std::uint64_t>(::gettid());
    waits.unpark();
  }).join();
  waits.join();
  const EventLog log = scheduler.events();
  check_legal(log);
  REQUIRE(select(log, "unpark(platform_thread)").size() == 1);
  CHECK(select(log, "unpark(platform_thread)").front().arg == tid);
  CHECK(select(log, "unpark(platform_thread)").front().carrier == kOutside);
}

TEST_CASE("a vthread of another scheduler that wakes or starts one is outside, and named",
          "[vthreads][events]") {
  Scheduler scheduler(with_log(1)), other(with_log(1));
  VThread waits = scheduler.start([] { this_vthread::park(); });
  test::wait_until([&] { return waits.state() == State::parked; });
  VThread waker = other.start([&] {
    waits.unpark();
    scheduler.start([] {}).join();
  });
  const std::uint64_t id = waker.id();
  waker.join();
  waits.join();
  const EventLog log = scheduler.events(), of_other = other.events();
  check_legal(log);
  check_legal(of_other);
  REQUIRE(select(log, "unpark(vthread)").size() == 1);
  CHECK(select(log, "unpark(vthread)").front().arg == id);
  CHECK(select(log, "unpark(vthread)").front().carrier == kOutside);
  CHECK(select(log, "start(vthread)").front().arg == id);
  CHECK(story_of(id, log).empty());
  CHECK(story_of(id, of_other).starts_with("start(platform_thread) mount"));
}

TEST_CASE("a signal that finds nobody parked is told as a signal, not as an unpark",
          "[vthreads][events]") {
  Scheduler scheduler(green());
  VThread self = scheduler.start([] {
    this_vthread::current().unpark();
    this_vthread::park();
  });
  const std::uint64_t id = self.id();
  scheduler.run();
  self.join();
  const EventLog log = scheduler.events();
  CHECK(story_of(id, log) == "start(platform_thread) mount signal(vthread) done unmount(done)");
  CHECK(select(log, "signal(vthread)").front().arg == id);
}

// With Kind::gmp a vthread that leaves looks for late deadlines before it is gone, and finds its own.
TEST_CASE("who is woken while it is about to park is unparked by the earlier signal",
          "[vthreads][events]") {
  Config config = test::gmp(1);
  config.event_log = 1 << 16;
  Scheduler scheduler(config);
  Reader reader(scheduler);
  while (!reader.has("unpark(earlier_signal)"))
    scheduler.start([] { this_vthread::sleep_for(1us); }).join();
  check_legal(reader.log());
  for (const Event& event : select(reader.log(), "unpark(earlier_signal)"))
    CHECK(story_of(event.vthread, reader.log()).find("signal(deadline)") != std::string::npos);
}

TEST_CASE("a pinned wait is told as such", "[vthreads][events]") {
  Scheduler scheduler(with_log(1));
  VThread waits = scheduler.start([] {
    const Pin pin;
    this_vthread::park();
  });
  const std::uint64_t id = waits.id();
  test::wait_until([&] { return waits.state() == State::pinned; });
  CHECK(waits.wait_reason() == WaitReason::park);
  waits.unpark();
  waits.join();
  const EventLog log = scheduler.events();
  check_legal(log);
  std::string story = story_of(id, log);
  const std::string compensated = " compensate(started)";
  if (const auto at = story.find(compensated); at != std::string::npos)
    story.erase(at, compensated.size());
  CHECK(story.starts_with("start(platform_thread) mount pin_wait(park)"));
  CHECK(story.ends_with("pin_resume done unmount(done)"));
}

TEST_CASE("a blocked carrier is told, and the carrier that is started or called to stand in for it",
          "[vthreads][events]") {
  const auto block_until_another_has_run = [](Scheduler& scheduler) {
    scheduler
        .start([&] {
          std::atomic<bool> ran{false};
          VThread other = scheduler.start([&] { ran = true; });
          blocking([&] {
            while (!ran) std::this_thread::yield();
          });
          other.join();
        })
        .join();
  };
  Scheduler scheduler(with_log(1));
  Reader reader(scheduler);
  block_until_another_has_run(scheduler);
  CHECK(reader.has("compensate(started)"));
  CHECK(select(reader.log(), "compensate(started)").front().peer == 1);
  CHECK(select(reader.log(), "carrier_start").size() == 2);
  while (!reader.has("compensate(called)")) block_until_another_has_run(scheduler);
  CHECK(select(reader.log(), "compensate(called)").front().peer <= 1);
  check_legal(reader.log());
  const auto enters = select(reader.log(), "blocking_enter").size();
  CHECK(enters >= 2);
  CHECK(enters == select(reader.log(), "blocking_exit").size());
}

TEST_CASE("a steal is told with its victim and its size", "[vthreads][events]") {
  Scheduler scheduler(with_log(2));
  scheduler
      .start([&] {
        std::atomic<bool> ran{false};
        VThread other = scheduler.start([&] { ran = true; });
        while (!ran) {
        }  // holds its carrier: only a thief can run the other
        other.join();
      })
      .join();
  const EventLog log = scheduler.events();
  check_legal(log);
  const auto steals = select(log, "steal");
  REQUIRE_FALSE(steals.empty());
  CHECK(steals.front().arg == 1);
  CHECK(steals.front().peer != steals.front().carrier);
  CHECK(steals.front().vthread == 0);
}

TEST_CASE("a P that is retaken is told, and who gets it", "[vthreads][events]") {
  Config config = test::gmp(1);
  config.event_log = 1 << 16;
  Scheduler scheduler(config);
  scheduler
      .start([&] {
        std::atomic<bool> ran{false};
        VThread other = scheduler.start([&] { ran = true; });
        blocking([&] { test::hold_until([&] { return ran.load(); }); });
        other.join();
      })
      .join();
  const EventLog log = scheduler.events();
  check_legal(log);
  CHECK(log.lost == 0);
  const auto retaken = select(log, "hand_off(retaken)");
  REQUIRE_FALSE(retaken.empty());
  CHECK(retaken.front().arg == 0);
  CHECK(retaken.front().peer == kNoCarrier);
  CHECK(retaken.front().carrier == kOutside);
  // Who gets it: a new M, or one that is on its way to sleep.
  const auto started = select(log, "hand_off(started)"), called = select(log, "hand_off(called)");
  REQUIRE(started.size() + called.size() >= 1);
  CHECK((started.empty() ? called : started).front().arg == 0);
  CHECK(select(log, "blocking_enter").size() == 1);
  CHECK(select(log, "blocking_exit").size() == 1);
}

TEST_CASE("an M that waits for a P because its G is pinned is told, and that it gets one",
          "[vthreads][events]") {
  Config config = test::gmp(1);
  config.event_log = 1 << 16;
  Scheduler scheduler(config);
  std::atomic<bool> others{true};
  VThread pinned = scheduler.start([] {
    const Pin pin;
    this_vthread::park();
  });
  test::wait_until([&] { return pinned.state() == State::pinned; });
  // While this one has the P, the pinned one must wait for it.
  VThread busy = scheduler.start([&] {
    pinned.unpark();
    while (others) this_vthread::yield();
  });
  pinned.join();
  others = false;
  busy.join();
  const EventLog log = scheduler.events();
  check_legal(log);
  const auto given = select(log, "hand_off(pinned)");
  REQUIRE_FALSE(given.empty());
  CHECK(given.front().peer == select(log, "pin_wait(park)").front().carrier);
}

TEST_CASE("a steal of gmp is told with the P that it was taken from", "[vthreads][events]") {
  Config config = test::gmp(2);
  config.event_log = 1 << 16;
  Scheduler scheduler(config);
  scheduler
      .start([&] {
        std::atomic<int> ran{0};
        std::vector<VThread> others;
        for (int i = 0; i < 5; ++i) others.push_back(scheduler.start([&] { ++ran; }));
        while (ran != 5) {
        }  // holds its P: only a thief can run the others
        test::join_all(others);
      })
      .join();
  const EventLog log = scheduler.events();
  check_legal(log);
  const auto steals = select(log, "steal");
  REQUIRE_FALSE(steals.empty());
  CHECK(steals.front().peer < 2);
  std::uint64_t stolen = 0;
  for (const Event& event : steals) stolen += event.arg;
  CHECK(stolen == scheduler.stats().steals);
}

TEST_CASE("carriers without work are told to sleep, and where", "[vthreads][events]") {
  Scheduler scheduler(with_log(2));
  Reader reader(scheduler);
  test::wait_until([&] {
    return reader.has("carrier_sleep(poller)") && reader.has("carrier_sleep(futex)") &&
           reader.has("carrier_wake");
  });
  CHECK(select(reader.log(), "carrier_start").size() == 2);
}

TEST_CASE("what does not fit is counted where it is missing, and the rest is exact",
          "[vthreads][events]") {
  const auto run = [](std::size_t records) {
    Scheduler scheduler(green(records));
    EventLog all;
    for (int round = 0; round < 3; ++round) {
      VThread a = scheduler.start([] {
        for (int i = 0; i < 101; ++i) this_vthread::yield();
      });
      VThread b = scheduler.start([] {
        for (int i = 0; i < 103; ++i) this_vthread::yield();
      });
      scheduler.run();
      a.join();
      b.join();
      const EventLog part = scheduler.events();
      all.lost += part.lost;
      all.events.insert(all.events.end(), part.events.begin(), part.events.end());
    }
    sort_by_time(all.events);
    return all;
  };
  const EventLog whole = run(1 << 16), cut = run(64);
  check_legal(whole);
  check_legal(cut);
  CHECK(whole.lost == 0);
  CHECK(cut.lost > 1000);
  const auto gaps = select(cut, "lost");
  CHECK(gaps.size() == 3);
  CHECK(cut.events.size() - gaps.size() + cut.lost == whole.events.size());
}

TEST_CASE("a log that is read while vthreads run is complete and in order", "[vthreads][events]") {
  std::vector<test::Shape> shapes = test::all_shapes();
  shapes.push_back({1, 4, Config::Kind::gmp});
  shapes.push_back({2, 256, Config::Kind::gmp});
  for (const test::Shape& shape : shapes) {
    CAPTURE(shape);
    Config config = shape.config();
    config.event_log = 1 << 12;
    Scheduler scheduler(config);
    std::vector<Event> events;
    std::atomic<bool> stop{false};
    const auto drain = [&] {
      scheduler.drain_events([&](std::span<const Event> piece) {
        events.insert(events.end(), piece.begin(), piece.end());
      });
    };
    std::thread reader([&] {
      while (!stop) drain();
    });
    const int pairs = 7, rounds = test::sized(1000);
    std::vector<VThread> vthreads;
    for (int i = 0; i < pairs; ++i) {
      vthreads.push_back(scheduler.start([&] {
        VThreadRef self = this_vthread::current();
        for (int round = 0; round < rounds; ++round) {
          VThread waker = scheduler.start([&] { self.unpark(); });
          this_vthread::park();
          this_vthread::yield();
          if (round % 16 == 0) blocking([] { std::this_thread::yield(); });
          waker.join();
        }
      }));
    }
    test::join_all(vthreads);
    stop = true;
    reader.join();
    drain();
    sort_by_time(events);
    CHECK(first_illegal_step(events).value_or("") == "");
    std::uint64_t starts = 0, lost = 0;
    for (const Event& event : events) {
      starts += event.kind == EventKind::start;
      lost += event.kind == EventKind::lost ? event.arg : 0;
    }
    const auto started = static_cast<std::uint64_t>(pairs + pairs * rounds);
    CHECK(starts <= started);
    CHECK(starts + lost >= started);
  }
}

TEST_CASE("only one reads the log at a time, and what a reader throws loses nothing",
          "[vthreads][events]") {
  Scheduler scheduler(green());
  VThread one = scheduler.start([] {});
  scheduler.run();
  one.join();
  bool refused = false;
  CHECK_THROWS_AS(scheduler.drain_events([&](std::span<const Event>) {
    try {
      scheduler.events();
    } catch (const std::system_error& error) {
      refused = error.code() == std::errc::device_or_resource_busy;
    }
    throw 1;
  }),
                  int);
  CHECK(refused);
  const EventLog log = scheduler.events();
  CHECK(log.events.size() == 6);  // carrier_start start mount done unmount carrier_stop
  check_legal(log);
}

TEST_CASE("a log that is too big for the library is refused", "[vthreads][events]") {
  CHECK_THROWS_AS(Scheduler(with_log(1, kMaxEventRecords + 1)), std::invalid_argument);
}

TEST_CASE("every kind and reason has a name, and an unknown number has none",
          "[vthreads][events]") {
  std::map<std::string_view, int> names;
  for (std::uint8_t i = 1; i <= 19; ++i) ++names[name_of(static_cast<EventKind>(i))];
  CHECK(names.size() == 19);
  CHECK(name_of(EventKind::lost) == "lost");
  CHECK(name_of(EventKind::hand_off) == "hand_off");
  CHECK(name_of(EventKind{}) == "?");
  CHECK(name_of(static_cast<EventKind>(20)) == "?");
  CHECK(name_of(WaitReason::file) == "file");
  CHECK(name_of(WaitReason::condition_variable) == "condition_variable");
  CHECK(name_of(static_cast<WaitReason>(20)) == "?");
  CHECK(name_of(UnmountReason::blocking) == "blocking");
  CHECK(name_of(Actor::earlier_signal) == "earlier_signal");
  CHECK(name_of(static_cast<Actor>(6)) == "?");
  CHECK(name_of(SpareReason::started) == "started");
  CHECK(name_of(HandOffReason::pinned) == "pinned");
  CHECK(name_of(SleepPlace::poller) == "poller");
}

}  // namespace vthreads
