#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_blocks.h"
#include "support/vthreads_crew.h"
#include "support/vthreads_fixture.h"
#include "timers.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Timers over vthreads that are Parked without ever having run: expire() makes them runnable.
class TimersWithVThreads {
 public:
  detail::Timer& make(Deadline deadline) {
    timers_.push_back(std::make_unique<detail::Timer>(detail::Timer{deadline, blocks_.make()}));
    timers_.back()->vthread.begin(1);
    return *timers_.back();
  }
  detail::Timer& add(Deadline deadline) {
    detail::Timer& timer = make(deadline);
    timers.add(timer);
    return timer;
  }
  detail::Timer& add(int milliseconds) { return add(at(milliseconds)); }
  detail::Timer& operator[](std::size_t index) { return *timers_[index]; }

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

TEST_CASE("when enough have become runnable, the later timers wait for the next time",
          "[vthreads][timers]") {
  TimersWithVThreads t;
  constexpr std::size_t kAll = 300, kEnough = 64;
  for (std::size_t i = 0; i < kAll; ++i)
    t.add(static_cast<int>(i)).vthread.word.store(detail::Word::parked);
  std::size_t fired = 0;
  while (t.timers.earliest() != kNever) {
    detail::VThreadList runnable;
    t.timers.expire(t.at(1000), runnable, kEnough);
    CHECK(runnable.size() >= std::min(kEnough, kAll - fired));
    CHECK(runnable.size() < 2 * kEnough);
    while (const detail::ControlBlock* const vthread = runnable.pop_front())
      CHECK(vthread == &t[fired++].vthread);
    CHECK(t.timers.earliest() == (fired < kAll ? t.at(static_cast<int>(fired)) : kNever));
  }
  CHECK(fired == kAll);
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

TEST_CASE("the earliest deadline is exact after every add, cancel and expire",
          "[vthreads][timers]") {
  TimersWithVThreads t;
  test::Random random(11);
  std::multiset<Deadline> model;
  std::vector<detail::Timer*> added;
  int now = 0;
  const auto agrees = [&] {
    return t.timers.earliest() == (model.empty() ? kNever : *model.begin());
  };
  for (int step = 0; step < 3000; ++step) {
    const std::uint64_t dice = random.below(16);
    if (dice < 9) {
      const int distance = random.below(2) == 0 ? 500 : static_cast<int>(random.below(2000));
      added.push_back(&t.add(now + distance));
      model.insert(added.back()->deadline);
    } else if (dice < 13 && !added.empty()) {
      // The earliest, or any; it may have fired.
      detail::Timer* timer = added[random.below(added.size())];
      const bool pending = timer->deadline > t.at(now);
      if (t.timers.cancel(*timer)) {
        REQUIRE(pending);
        model.erase(model.find(timer->deadline));
      }
    } else {
      now += static_cast<int>(random.below(random.below(8) == 0 ? 1500 : 20));
      detail::VThreadList runnable;
      t.timers.expire(t.at(now), runnable);
      model.erase(model.begin(), model.upper_bound(t.at(now)));
    }
    REQUIRE(agrees());
  }
}

TEST_CASE("deadlines in the past, in a century and at the end of time fire when they are due",
          "[vthreads][timers]") {
  TimersWithVThreads t;
  const Deadline century = t.at(0) + 24h * 36'525;
  const Deadline last = Deadline::max() - 1ns;
  for (const Deadline deadline : {last, century, t.at(1), t.at(-5), Deadline::min()})
    t.add(deadline);
  for (const Deadline deadline : {Deadline::min(), t.at(-5), t.at(1), century, last}) {
    CHECK(t.timers.earliest() == deadline);
    detail::VThreadList runnable;
    t.timers.expire(deadline, runnable);
  }
  CHECK(t.timers.earliest() == kNever);
}

TEST_CASE("timers may be added and cancelled by two threads while a third one expires them",
          "[vthreads][timers]") {
  constexpr std::size_t kEach = test::sized(3000);
  TimersWithVThreads t;
  for (std::size_t i = 0; i < 2 * kEach; ++i) t.make(t.at(static_cast<int>(i % 500)));
  std::atomic<int> over{0}, twice{0};
  const auto waiter = [&](std::size_t first) {
    for (std::size_t i = first; i < first + kEach; ++i) {
      t.timers.add(t[i]);
      if (i % 3 != 0) continue;
      t.timers.cancel(t[i - i % 7 % (i - first + 1)]);  // one of its own
      t.timers.cancel(t[i]);
      if (t.timers.cancel(t[i])) ++twice;
    }
    ++over;
  };
  std::thread a(waiter, 0), b(waiter, kEach);
  detail::VThreadList runnable;
  for (int now = 0; over != 2; now = (now + 1) % 500) t.timers.expire(t.at(now), runnable);
  a.join();
  b.join();
  CHECK(twice == 0);
  t.timers.expire(t.at(500), runnable);
  CHECK(t.timers.earliest() == kNever);
  int left = 0;
  for (std::size_t i = 0; i < 2 * kEach; ++i) left += t.timers.cancel(t[i]) ? 1 : 0;
  CHECK(left == 0);
}

TEST_CASE("sleepers on one carrier wake in the order of their deadlines", "[vthreads][timers]") {
  test::in_time([](Deadline first) {
    Scheduler scheduler({.carriers = 1});
    std::vector<int> order;
    std::vector<VThread> sleepers;
    const int count = 20;
    for (int i = count; i-- > 0;) {
      sleepers.push_back(scheduler.start([&order, first, i] {
        this_vthread::sleep_until(first + i * 1ms);
        order.push_back(i);
      }));
    }
    test::wait_until_parked(scheduler, count, first);
    const bool all_slept = Clock::now() < first;
    test::join_all(sleepers);
    REQUIRE(order.size() == count);
    if (all_slept) CHECK(std::is_sorted(order.begin(), order.end()));
    return all_slept;
  });
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
