#include <unistd.h>

#include <chrono>
#include <set>
#include <system_error>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_fixture.h"
#include "vthreads/io.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;

Config green() {
  Config config;
  config.drive = Config::Drive::calling_thread;
  return config;
}

TEST_CASE("green vthreads create no OS thread and all run on the thread that calls run()",
          "[vthreads][green]") {
  const int before = test::os_threads();
  Scheduler scheduler(green());
  int most = 0;
  std::set<int> tids;
  const int count = 50;
  for (int i = 0; i < count; ++i) {
    scheduler
        .start([&] {
          tids.insert(::gettid());
          scheduler.start([&] { tids.insert(::gettid()); }).join();
          this_vthread::sleep_for(1ms);
          tids.insert(this_vthread::carrier_tid());
          most = std::max(most, test::os_threads());
        })
        .detach();
  }
  CHECK(tids.empty());
  scheduler.run();
  CHECK(tids == std::set{::gettid()});
  CHECK(most == before);
  CHECK(scheduler.stats().vthreads_started == 2 * count);
  CHECK(scheduler.stats().vthreads_alive == 0);
  CHECK(scheduler.stats().carriers == 1);
}

TEST_CASE("run() returns when nothing is alive and may be called again", "[vthreads][green]") {
  Scheduler scheduler(green());
  scheduler.run();
  for (int round = 1; round <= 3; ++round) {
    int done = 0;
    VThread vthread = scheduler.start([&] { ++done; });
    scheduler.run();
    CHECK(done == 1);
    vthread.join();
  }
}

TEST_CASE("run() waits for what comes from other threads", "[vthreads][green]") {
  Scheduler scheduler(green());
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  io::prepare(ends[0]);
  char got = 0;
  VThread reads = scheduler.start([&] { io::read(ends[0], &got, 1); });
  VThread parks = scheduler.start([] { this_vthread::park(); });
  std::thread outside([&] {
    test::wait_until([&] { return scheduler.stats().parks == 2; });
    parks.unpark();
    scheduler.start([] {}).join();
    io::write(ends[1], "x", 1);
  });
  scheduler.run();
  outside.join();
  reads.join();
  parks.join();
  CHECK(got == 'x');
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("the destructor of a green scheduler runs what is left", "[vthreads][green]") {
  int done = 0;
  {
    Scheduler scheduler(green());
    scheduler.start([&] { ++done; }).detach();
  }
  CHECK(done == 1);
}

TEST_CASE("misuse of run() and of join without run() is an error", "[vthreads][green]") {
  const auto code = [](auto call) {
    try {
      call();
    } catch (const std::system_error& error) {
      return error.code();
    }
    return std::error_code();
  };
  Scheduler owns_threads({.carriers = 1});
  CHECK(code([&] { owns_threads.run(); }) == std::errc::operation_not_permitted);

  Scheduler scheduler(green());
  VThread vthread = scheduler.start([] {});
  CHECK(code([&] { vthread.join(); }) == std::errc::resource_deadlock_would_occur);
  CHECK(vthread.joinable());

  std::error_code inside;
  VThread nested = scheduler.start([&] { inside = code([&] { scheduler.run(); }); });
  scheduler.run();
  CHECK(inside == std::errc::resource_deadlock_would_occur);
  vthread.join();
  nested.join();
}

}  // namespace
}  // namespace vthreads
