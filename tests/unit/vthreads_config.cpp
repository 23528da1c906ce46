#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <set>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_fixture.h"

namespace vthreads {
namespace {

TEST_CASE("a configuration that cannot be honoured is refused", "[vthreads][config]") {
  CHECK_THROWS_AS(Scheduler({.carriers = kMaxCarriers + 1}), std::invalid_argument);
  for (const std::uint32_t slots : {0U, 1U, 3U, 100U, 2 * kMaxRunQueueSlots}) {
    CAPTURE(slots);
    CHECK_THROWS_AS(Scheduler({.carriers = 1, .run_queue_slots = slots}), std::invalid_argument);
  }
  CHECK_THROWS_AS(Scheduler({.carriers = 1, .stack_bytes = kMaxStackBytes + 1}),
                  std::invalid_argument);
  CHECK_THROWS_AS(Scheduler({.carriers = 2, .drive = Config::Drive::calling_thread}),
                  std::invalid_argument);
}

TEST_CASE("a stack smaller than the minimum is rounded up", "[vthreads][config]") {
  Scheduler scheduler({.carriers = 1, .stack_bytes = 1});
  int done = 0;
  scheduler.start([&] { done = 1; }).join();
  CHECK(done == 1);
}

TEST_CASE("by default there are as many carriers as CPUs this process may use",
          "[vthreads][config]") {
  cpu_set_t cpus;
  REQUIRE(::sched_getaffinity(0, sizeof cpus, &cpus) == 0);
  Scheduler scheduler;
  CHECK(scheduler.stats().carriers == static_cast<unsigned>(CPU_COUNT(&cpus)));
}

TEST_CASE("the scheduler starts exactly its carriers, through the factory it is given",
          "[vthreads][config]") {
  const int before = test::os_threads();
  std::vector<int> tids;
  std::atomic<int> started{0};
  Config config;
  config.carriers = 3;
  config.start_carrier = [&](std::function<void()> body) {
    ++started;
    return std::thread(std::move(body));
  };
  Scheduler scheduler(config);
  CHECK(started == 3);
  CHECK(test::os_threads_become(before + 3));
}

TEST_CASE("a factory that fails makes the constructor fail and leaves no carrier behind",
          "[vthreads][config]") {
  const int before = test::os_threads();
  Config config;
  config.carriers = 3;
  int started = 0;
  config.start_carrier = [&](std::function<void()> body) {
    if (++started == 3)
      throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    return std::thread(std::move(body));
  };
  CHECK_THROWS_AS(Scheduler(config), std::system_error);
  CHECK(started == 3);
  CHECK(test::os_threads_become(before));
}

TEST_CASE("vthreads see the tid of their carrier", "[vthreads][config]") {
  Scheduler scheduler({.carriers = 2});
  std::atomic<int> wrong{0};
  std::vector<VThread> vthreads;
  for (int i = 0; i < 100; ++i) {
    vthreads.push_back(scheduler.start([&] {
      for (int turn = 0; turn < 10; ++turn) {
        wrong += this_vthread::carrier_tid() != ::gettid();
        this_vthread::yield();
      }
    }));
  }
  test::join_all(vthreads);
  CHECK(wrong == 0);
  CHECK(this_vthread::carrier_tid() == ::gettid());
}

TEST_CASE("mounts, parks and starts are counted", "[vthreads][config]") {
  Scheduler scheduler({.carriers = 1});
  VThread parks = scheduler.start([] { this_vthread::park(); });
  test::wait_until([&] { return scheduler.stats().parks == 1; });
  parks.unpark();
  parks.join();
  scheduler
      .start([&] {
        scheduler.start([] { this_vthread::yield(); }).detach();
        this_vthread::yield();
      })
      .join();
  test::wait_until([&] { return scheduler.stats().vthreads_alive == 0; });
  const Stats stats = scheduler.stats();
  CHECK(stats.vthreads_started == 3);
  CHECK(stats.mounts == 6);
  CHECK(stats.parks == 1);
  CHECK(stats.steals == 0);
}

}  // namespace
}  // namespace vthreads
