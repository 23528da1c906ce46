#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>

#include "support/catch.h"
#include "support/vthreads_crew.h"
#include "support/vthreads_fixture.h"
#include "support/vthreads_stop.h"
#include "vthreads/latch.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST_CASE("a latch opens for all when the last has arrived", "[vthreads][latch]") {
  test::on_every_crew([](test::Crew& crew, test::Random&) {
    Latch latch(10);
    std::atomic<int> arrived{0}, wrong{0};
    for (int i = 0; i < 10; ++i) {
      crew.start([&, i] {
        ++arrived;
        if (i % 2 == 0) {
          latch.arrive_and_wait();
        } else {
          latch.count_down();
          if (i % 3 == 0) this_vthread::yield();
          latch.wait();
        }
        wrong += arrived != 10 || !latch.try_wait();
      });
    }
    crew.join();
    CHECK(wrong == 0);
    latch.wait();
    CHECK(latch.wait_until(Clock::now() - 1s));
  });
}

TEST_CASE("waiting for a latch ends at its deadline, not before", "[vthreads][latch]") {
  Latch latch(1);
  const auto wrong = [&] {
    int failures = 0;
    const auto deadline = Clock::now() + 3ms;
    failures += latch.wait_until(deadline) || Clock::now() < deadline;
    failures += latch.wait_until(deadline) || latch.wait_for(1ms) || latch.try_wait();
    return failures;
  };
  CHECK(wrong() == 0);
  Scheduler scheduler;
  int result = 1;
  scheduler.start([&] { result = wrong(); }).join();
  CHECK(result == 0);
  latch.count_down();
  CHECK(latch.try_wait());
}

TEST_CASE("a stopped wait for a latch throws, unless it was opened first",
          "[vthreads][latch][stop]") {
  Scheduler scheduler({.carriers = 1});
  Latch latch(2);
  int thrown = 0;
  bool opened = false;
  test::Stoppable waits(scheduler, [&] {
    for (int i = 0; i < 3; ++i) {
      try {
        if (i == 0) latch.wait();
        if (i == 1) latch.wait_for(1h);
        if (i == 2) latch.arrive_and_wait();  // counts, even so
      } catch (const Stopped&) {
        ++thrown;
      }
    }
  });
  test::wait_until_parked(scheduler, 1);
  waits.request_stop();
  waits.join();
  CHECK(thrown == 3);
  test::Stoppable stays(scheduler, [&] {
    latch.wait();
    opened = true;
  });
  test::wait_until_parked(scheduler, 2);
  scheduler
      .start([&] {
        latch.count_down();  // the only carrier is here: the other cannot run in between
        stays.request_stop();
      })
      .join();
  stays.join();
  CHECK(opened);
}

TEST_CASE("counting that makes no sense is refused and changes nothing", "[vthreads][latch]") {
  CHECK_THROWS_AS(Latch(-1), std::invalid_argument);
  CHECK(Latch(0).try_wait());
  Latch latch(2);
  CHECK_THROWS_AS(latch.count_down(3), std::logic_error);
  CHECK_THROWS_AS(latch.count_down(-1), std::logic_error);
  latch.count_down(0);
  CHECK_FALSE(latch.try_wait());
  latch.count_down(2);
  CHECK(latch.try_wait());
  CHECK_THROWS_AS(latch.count_down(), std::logic_error);
}

TEST_CASE("a latch may end as soon as a wait has returned", "[vthreads][latch]") {
  test::on_every_crew([](test::Crew& crew, test::Random&) {
    const int rounds = test::sized(200);
    // The waiter destroys it; the other may still be in count_down(). The sanitizers see a touch
    // after that.
    std::atomic<Latch*> shared{nullptr};
    crew.start([&] {
      for (int i = 0; i < rounds; ++i) {
        const auto latch = std::make_unique<Latch>(1);
        shared = latch.get();
        if (i % 2 == 0) test::wait_until([&] { return latch->try_wait(); });
        latch->wait();
      }
    });
    crew.start([&] {
      for (int i = 0; i < rounds; ++i) {
        Latch* latch = nullptr;
        test::wait_until([&] { return (latch = shared.exchange(nullptr)) != nullptr; });
        latch->count_down();
      }
    });
    crew.join();
    CHECK(shared == nullptr);
  });
}

TEST_CASE("a latch may end when it is seen open, although those who waited are still on their way",
          "[vthreads][latch]") {
  Scheduler scheduler({.carriers = 1});
  std::atomic<Latch*> to_open{nullptr};
  std::atomic<bool> over{false};
  std::thread opens([&] {
    for (;;) {
      Latch* latch = nullptr;
      test::wait_until([&] { return over || (latch = to_open.exchange(nullptr)) != nullptr; });
      if (latch == nullptr) return;
      latch->count_down();
    }
  });
  for (int round = 0; round < test::sized(500); ++round) {
    auto latch = std::make_unique<Latch>(1);
    const std::uint64_t parks = scheduler.stats().parks;
    VThread waits = scheduler.start([latch = latch.get()] { latch->wait(); });
    test::wait_until_parked(scheduler, parks + 1);
    to_open = latch.get();
    while (!latch->try_wait()) {
    }
    latch.reset();  // the sanitizers see it if anybody touches the latch now
    waits.join();
  }
  over = true;
  opens.join();
  CHECK(scheduler.stats().vthreads_alive == 0);
}

}  // namespace
}  // namespace vthreads
