#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_blocks.h"
#include "support/vthreads_fixture.h"
#include "timers.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Timers over vthreads that are Parked without ever having run: expire() makes them runnable.
class TimersWithVThreads {
 public:
  detail::Timer& add(int milliseconds) {
    timers_.push_back(
        std::make_unique<detail::Timer>(detail::Timer{at(milliseconds), blocks_.make()}));
    timers_.back()->vthread.begin(1);
    timers.add(*timers_.back());
    return *timers_.back();
  }
  static Deadline at(int milliseconds) { return Deadline(std::chrono::milliseconds(milliseconds)); }

  // The timers that fire until then, one by one, as their deadlines.
  std::vector<int> fired_until(int milliseconds) {
    std::vector<int> fired;
    while (timers.earliest() <= at(milliseconds)) {
      const auto deadline = timers.earliest();
      detail::VThreadList runnable;
      timers.expire(deadline, runnable);
      fired.push_back(static_cast<int>(deadline.time_since_epoch() / 1ms));
    }
    return fired;
  }

  detail::Timers timers;

 private:
  test::Blocks blocks_;
  std::vector<std::unique_ptr<detail::Timer>> timers_;
};

TEST_CASE("timers fire in the order of their deadlines, not of their adding",
          "[vthreads][timers]") {
  TimersWithVThreads t;
  test::Random random(7);
  std::vector<int> expected;
  for (int i = 0; i < 200; ++i) expected.push_back(i);
  std::vector<int> added = expected;
  for (std::size_t i = added.size(); i > 1; --i) std::swap(added[i - 1], added[random.below(i)]);
  for (int deadline : added) t.add(deadline);
  CHECK(t.timers.earliest() == t.at(0));
  CHECK(t.fired_until(99) == std::vector(expected.begin(), expected.begin() + 100));
  CHECK(t.timers.earliest() == t.at(100));
  CHECK(t.fired_until(1000) == std::vector(expected.begin() + 100, expected.end()));
  CHECK(t.timers.earliest() == kNever);
}

TEST_CASE("a cancelled timer never fires, and a fired one cannot be cancelled",
          "[vthreads][timers]") {
  TimersWithVThreads t;
  detail::Timer& first = t.add(1);
  detail::Timer& second = t.add(2);
  t.add(3);
  CHECK(t.timers.cancel(second));
  CHECK_FALSE(t.timers.cancel(second));
  CHECK(t.fired_until(1) == std::vector{1});
  CHECK_FALSE(t.timers.cancel(first));
  CHECK(t.fired_until(9) == std::vector{3});
}

TEST_CASE("sleepers on one carrier wake in the order of their deadlines", "[vthreads][timers]") {
  Scheduler scheduler({.carriers = 1});
  std::vector<int> order;
  std::vector<VThread> sleepers;
  const auto start = Clock::now();
  const int count = 20;
  for (int i = count; i-- > 0;) {
    sleepers.push_back(scheduler.start([&order, start, i] {
      this_vthread::sleep_until(start + 50ms + i * 1ms);
      order.push_back(i);
    }));
  }
  test::join_all(sleepers);
  REQUIRE(order.size() == count);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("a sleep ends not before its deadline, on vthreads and platform threads",
          "[vthreads][timers]") {
  const auto slept_long_enough = [] {
    const auto deadline = Clock::now() + 3ms;
    this_vthread::sleep_until(deadline);
    if (Clock::now() < deadline) return false;
    const auto before = Clock::now();
    this_vthread::sleep_for(2ms);
    return Clock::now() - before >= 2ms;
  };
  CHECK(slept_long_enough());
  Scheduler scheduler;
  bool result = false;
  scheduler.start([&] { result = slept_long_enough(); }).join();
  CHECK(result);
}

TEST_CASE("a timer that is set while the only idle carrier waits for a later one is not late",
          "[vthreads][timers]") {
  Scheduler scheduler({.carriers = 2});
  VThread late = scheduler.start([] { this_vthread::park_for(1h); });
  // Keeps one carrier busy without yielding until the other one has ended the short sleep.
  std::atomic<bool> over{false};
  VThread busy = scheduler.start([&] {
    VThread sleeper = scheduler.start([&] {
      this_vthread::sleep_for(1ms);
      over = true;
    });
    while (!over) std::this_thread::yield();
    sleeper.join();
  });
  busy.join();
  CHECK(over);
  late.unpark();
  late.join();
}

}  // namespace
}  // namespace vthreads
