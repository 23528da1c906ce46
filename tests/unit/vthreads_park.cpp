#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_fixture.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;

TEST_CASE("unpark before park makes the next park return at once", "[vthreads][park]") {
  const auto test = [] {
    this_vthread::current().unpark();
    this_vthread::park();
  };
  test();
  Scheduler scheduler;
  scheduler.start(test).join();
  CHECK(scheduler.stats().parks == 0);
}

TEST_CASE("permits do not add up", "[vthreads][park]") {
  const auto second_park_times_out = [] {
    const VThreadRef self = this_vthread::current();
    self.unpark();
    self.unpark();
    this_vthread::park();
    return !this_vthread::park_for(1ms);
  };
  CHECK(second_park_times_out());
  Scheduler scheduler;
  bool result = false;
  scheduler.start([&] { result = second_park_times_out(); }).join();
  CHECK(result);
}

TEST_CASE("a permit that comes during a sleep neither ends it nor gets lost", "[vthreads][park]") {
  Scheduler scheduler;
  std::atomic<bool> early{false}, permit{false};
  VThread sleeper = scheduler.start([&] {
    const auto deadline = std::chrono::steady_clock::now() + 20ms;
    this_vthread::current().unpark();
    this_vthread::sleep_until(deadline);
    early = std::chrono::steady_clock::now() < deadline;
    permit = this_vthread::park_for(1ms);
  });
  sleeper.unpark();
  sleeper.join();
  CHECK_FALSE(early);
  CHECK(permit);
}

TEST_CASE("a permit that comes during a join is kept for the next park", "[vthreads][park]") {
  Scheduler scheduler({.carriers = 1});
  bool permit = false, finished = false, finished_before = false;
  VThread joiner = scheduler.start([&] {
    VThreadRef self = this_vthread::current();
    VThread other = scheduler.start([&finished, self] {
      self.unpark();
      this_vthread::yield();
      self.unpark();
      finished = true;
    });
    other.join();
    finished_before = finished;
    permit = this_vthread::park_for(0s);
  });
  joiner.join();
  CHECK(finished_before);
  CHECK(permit);
}

TEST_CASE("park_for says true when unparked and false when the time is over", "[vthreads][park]") {
  Scheduler scheduler;
  std::atomic<bool> unparked{false}, timed_out{true};
  VThread waits = scheduler.start([&] { unparked = this_vthread::park_for(1h); });
  waits.unpark();
  waits.join();
  CHECK(unparked);
  scheduler.start([&] { timed_out = !this_vthread::park_for(1ms); }).join();
  CHECK(timed_out);
  CHECK_FALSE(this_vthread::park_for(1ms));
}

TEST_CASE("waiting for ever is a duration like any other", "[vthreads][park]") {
  Scheduler scheduler;
  VThread waits = scheduler.start([] { this_vthread::park_for(std::chrono::nanoseconds::max()); });
  test::wait_until([&] { return scheduler.stats().parks == 1; });
  waits.unpark();
  waits.join();
  CHECK(scheduler.stats().parks == 1);
}

TEST_CASE("a platform thread parks until a vthread unparks it", "[vthreads][park]") {
  Scheduler scheduler;
  const VThreadRef self = this_vthread::current();
  std::atomic<bool> unparked{false};
  VThread vthread = scheduler.start([&] {
    unparked = true;
    unpark(self);
  });
  this_vthread::park();
  CHECK(unparked);
  vthread.join();
}

TEST_CASE("unparking what has finished does nothing, also when its scheduler is gone",
          "[vthreads][park]") {
  VThreadRef vthread, platform;
  {
    Scheduler scheduler;
    VThread handle = scheduler.start([] {});
    vthread = handle.ref();
    handle.join();
    vthread.unpark();
  }
  vthread.unpark();
  std::thread([&] { platform = this_vthread::current(); }).join();
  platform.unpark();
  VThreadRef().unpark();
  VThread().unpark();
  CHECK(vthread != platform);
}

TEST_CASE("a vthread is runnable again at once after yield, behind the others",
          "[vthreads][park]") {
  Scheduler scheduler({.carriers = 1});
  std::vector<int> order;
  scheduler
      .start([&] {
        VThread other = scheduler.start([&] {
          order.push_back(1);
          this_vthread::yield();
          order.push_back(3);
        });
        order.push_back(0);
        this_vthread::yield();
        order.push_back(2);
        other.join();
      })
      .join();
  CHECK(order == std::vector{0, 1, 2, 3});
}

TEST_CASE("a busy run queue does not starve a vthread started from outside", "[vthreads][park]") {
  Scheduler scheduler({.carriers = 1});
  std::atomic<bool> stop{false};
  std::vector<VThread> busy;
  for (int i = 0; i < 3; ++i) {
    busy.push_back(scheduler.start([&] {
      while (!stop) this_vthread::yield();
    }));
  }
  scheduler.start([] {}).join();
  scheduler.start([] { this_vthread::sleep_for(1ms); }).join();
  stop = true;
  test::join_all(busy);
  CHECK(scheduler.stats().vthreads_alive == 0);
}

}  // namespace
}  // namespace vthreads
