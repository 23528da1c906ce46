#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_crew.h"
#include "support/vthreads_fixture.h"
#include "support/vthreads_stop.h"
#include "vthreads/semaphore.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST_CASE("a semaphore lets in as many as it has permits", "[vthreads][semaphore]") {
  test::on_every_crew([](test::Crew& crew, test::Random&) {
    Semaphore semaphore(3);
    std::atomic<int> inside{0}, wrong{0};
    for (int i = 0; i < 9; ++i) {
      crew.start([&, i] {
        for (int turn = 0; turn < test::sized(100); ++turn) {
          semaphore.acquire();
          wrong += ++inside > 3;
          if ((turn + i) % 3 == 0) this_vthread::yield();
          --inside;
          semaphore.release();
        }
      });
    }
    crew.join();
    CHECK(wrong == 0);
    for (int i = 0; i < 3; ++i) CHECK(semaphore.try_acquire());
    CHECK_FALSE(semaphore.try_acquire());
  });
}

TEST_CASE("permits go to those who wait in the order in which they came, the rest is kept",
          "[vthreads][semaphore]") {
  Scheduler scheduler({.carriers = 1});
  Semaphore semaphore(0);
  std::string order;
  std::vector<VThread> vthreads;
  for (const char name : {'a', 'b', 'c'}) {
    vthreads.push_back(scheduler.start([&, name] {
      semaphore.acquire();
      order += name;
    }));
    test::wait_until_parked(scheduler, vthreads.size());
  }
  CHECK_FALSE(semaphore.try_acquire());
  semaphore.release(0);
  semaphore.release();
  vthreads[0].join();
  CHECK(order == "a");
  semaphore.release(4);
  vthreads[1].join();
  vthreads[2].join();
  CHECK(order == "abc");
  CHECK(semaphore.try_acquire());
  CHECK(semaphore.try_acquire());
  CHECK_FALSE(semaphore.try_acquire());
}

TEST_CASE("acquiring ends at its deadline, not before, and without a permit",
          "[vthreads][semaphore]") {
  Semaphore semaphore(0);
  const auto wrong = [&] {
    int failures = 0;
    const auto deadline = Clock::now() + 3ms;
    failures += semaphore.try_acquire_until(deadline);
    failures += Clock::now() < deadline;
    failures += semaphore.try_acquire_until(deadline) || semaphore.try_acquire_for(1ms);
    semaphore.release();
    failures += !semaphore.try_acquire_until(deadline);  // nothing to wait for
    return failures;
  };
  CHECK(wrong() == 0);
  Scheduler scheduler;
  int result = 1;
  scheduler.start([&] { result = wrong(); }).join();
  CHECK(result == 0);
}

TEST_CASE("a stopped acquire throws without a permit, unless the permit came first",
          "[vthreads][semaphore][stop]") {
  Scheduler scheduler({.carriers = 1});
  Semaphore semaphore(0), other(0);
  int thrown = 0;
  bool received = false, without_wait = false;
  test::Stoppable waits(scheduler, [&] {
    for (int i = 0; i < 2; ++i) {
      try {
        i == 0 ? semaphore.acquire() : static_cast<void>(semaphore.try_acquire_for(1h));
      } catch (const Stopped&) {
        ++thrown;
      }
    }
    other.acquire();
    without_wait = true;
  });
  test::wait_until_parked(scheduler, 1);
  test::Stoppable receives(scheduler, [&] {
    semaphore.acquire();
    received = true;
  });
  test::wait_until_parked(scheduler, 2);
  scheduler
      .start([&] {
        waits.request_stop();
        other.release();
      })
      .join();
  waits.join();
  scheduler
      .start([&] {
        semaphore.release();  // the only carrier is here: the other cannot run in between
        receives.request_stop();
      })
      .join();
  receives.join();
  CHECK(thrown == 2);
  CHECK(received);
  CHECK(without_wait);
  CHECK_FALSE(semaphore.try_acquire());
}

TEST_CASE("numbers of permits that make no sense are refused", "[vthreads][semaphore]") {
  CHECK_THROWS_AS(Semaphore(-1), std::invalid_argument);
  CHECK_THROWS_AS(Semaphore(Semaphore::kMax + 1), std::invalid_argument);
  Semaphore semaphore(1);
  CHECK_THROWS_AS(semaphore.release(-1), std::invalid_argument);
  CHECK_THROWS_AS(semaphore.release(Semaphore::kMax), std::invalid_argument);
  CHECK(semaphore.try_acquire());
  CHECK_FALSE(semaphore.try_acquire());
  semaphore.release(Semaphore::kMax);
  CHECK(semaphore.try_acquire());
}

}  // namespace
}  // namespace vthreads
