#include <atomic>
#include <chrono>
#include <stdexcept>

#include "support/catch.h"
#include "support/vthreads_crew.h"
#include "support/vthreads_fixture.h"
#include "support/vthreads_stop.h"
#include "vthreads/wait_group.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST_CASE("a wait group is waited for until as many are done as were added",
          "[vthreads][wait_group]") {
  test::on_every_crew([](test::Crew& crew, test::Random&) {
    WaitGroup group;
    std::atomic<int> done{0}, wrong{0};
    group.wait();  // nothing was added
    group.add(9);
    for (int i = 0; i < 9; ++i) {
      crew.start([&, i] {
        if (i == 4) {
          group.add(1);
          group.done();
        }
        if (i % 3 == 0) this_vthread::yield();
        ++done;
        group.done();
      });
    }
    for (int i = 0; i < 3; ++i) {
      crew.start([&] {
        group.wait();
        wrong += done != 9;
      });
    }
    crew.join();
    CHECK(wrong == 0);
  });
}

TEST_CASE("a wait group is used for one round after another", "[vthreads][wait_group]") {
  test::on_every_crew([](test::Crew& crew, test::Random&) {
    const int rounds = test::sized(200);
    WaitGroup begun[2], finished;  // one for odd rounds, one for even
    std::atomic<int> sum{0}, wrong{0};
    begun[1].add(1);
    for (int i = 0; i < 3; ++i) {
      crew.start([&] {
        for (int round = 1; round <= rounds; ++round) {
          begun[round % 2].wait();
          ++sum;
          finished.done();
        }
      });
    }
    crew.start([&] {
      for (int round = 1; round <= rounds; ++round) {
        finished.add(3);
        begun[1 - round % 2].add(1);
        begun[round % 2].done();
        finished.wait();
        wrong += sum != 3 * round;
      }
    });
    crew.join();
    CHECK(wrong == 0);
  });
}

TEST_CASE("who waited for one round is released although the next has begun",
          "[vthreads][wait_group]") {
  Scheduler scheduler({.carriers = 1});
  WaitGroup group;
  bool released = false;
  group.add(1);
  VThread waits = scheduler.start([&] {
    group.wait();
    released = true;
  });
  test::wait_until_parked(scheduler, 1);
  scheduler
      .start([&] {  // the only carrier is here: the waiter cannot run in between
        group.done();
        group.add(1);
      })
      .join();
  waits.join();
  CHECK(released);
  CHECK_FALSE(group.wait_for(1ms));
  group.done();
}

TEST_CASE("waiting for a wait group ends at its deadline, not before", "[vthreads][wait_group]") {
  WaitGroup group;
  group.add(1);
  const auto wrong = [&] {
    const auto deadline = Clock::now() + 3ms;
    return group.wait_until(deadline) || Clock::now() < deadline || group.wait_until(deadline) ||
           group.wait_for(1ms);
  };
  CHECK_FALSE(wrong());
  Scheduler scheduler;
  bool result = true;
  scheduler.start([&] { result = wrong(); }).join();
  CHECK_FALSE(result);
  group.done();
  CHECK(group.wait_until(Clock::now() - 1s));  // nothing to wait for
}

TEST_CASE("a stopped wait for a wait group throws, unless all were done first",
          "[vthreads][wait_group][stop]") {
  Scheduler scheduler({.carriers = 1});
  WaitGroup group;
  int thrown = 0;
  bool finished = false;
  group.add(1);
  test::Stoppable waits(scheduler, [&] {
    for (int i = 0; i < 2; ++i) {
      try {
        i == 0 ? group.wait() : static_cast<void>(group.wait_for(1h));
      } catch (const Stopped&) {
        ++thrown;
      }
    }
  });
  test::wait_until_parked(scheduler, 1);
  waits.request_stop();
  waits.join();
  CHECK(thrown == 2);
  test::Stoppable stays(scheduler, [&] {
    group.wait();
    finished = true;
  });
  test::wait_until_parked(scheduler, 2);
  scheduler
      .start([&] {
        group.done();  // the only carrier is here: the other cannot run in between
        stays.request_stop();
      })
      .join();
  stays.join();
  CHECK(finished);
}

TEST_CASE("a wait group that would count below nothing refuses", "[vthreads][wait_group]") {
  WaitGroup group;
  CHECK_THROWS_AS(group.done(), std::logic_error);
  group.add(2);
  CHECK_THROWS_AS(group.add(-3), std::logic_error);
  CHECK_THROWS_AS(group.add(std::numeric_limits<std::int64_t>::max()), std::logic_error);
  CHECK_THROWS_AS(group.add(std::numeric_limits<std::int64_t>::min()), std::logic_error);
  group.add(-2);
  group.wait();
}

}  // namespace
}  // namespace vthreads
