#include <atomic>
#include <chrono>
#include <thread>

#include "support/catch.h"
#include "support/vthreads_fixture.h"
#include "vthreads/blocking.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;

TEST_CASE("what is queued behind a blocking vthread is run by another carrier",
          "[vthreads][blocking]") {
  for (const test::Shape shape : test::all_shapes()) {
    CAPTURE(shape);
    Scheduler scheduler(shape.config());
    scheduler
        .start([&] {
          std::atomic<int> done{0};
          std::vector<VThread> others;
          for (int i = 0; i < 7; ++i) others.push_back(scheduler.start([&] { ++done; }));
          blocking([&] {
            while (done != 7) std::this_thread::yield();
          });
          test::join_all(others);
        })
        .join();
  }
}

TEST_CASE("what is queued behind a pinned vthread is run by another carrier",
          "[vthreads][blocking]") {
  for (const test::Shape shape : test::all_shapes()) {
    CAPTURE(shape);
    Scheduler scheduler(shape.config());
    bool permit = false;
    scheduler
        .start([&] {
          VThread other = scheduler.start([ref = this_vthread::current()] { ref.unpark(); });
          {
            const Pin pin;
            permit = this_vthread::park_for(1h);
          }
          other.join();
        })
        .join();
    CHECK(permit);
  }
}

TEST_CASE("what a blocking vthread starts and unparks is run by another carrier",
          "[vthreads][blocking]") {
  for (const test::Shape shape : test::all_shapes()) {
    CAPTURE(shape);
    Scheduler scheduler(shape.config());
    std::atomic<int> done{0};
    VThread parked = scheduler.start([&] {
      this_vthread::park();
      ++done;
    });
    test::wait_until([&] { return parked.state() == State::parked; });
    scheduler
        .start([&] {
          blocking([&] {
            parked.unpark();
            scheduler.start([&] { ++done; }).detach();
            while (done != 2) std::this_thread::yield();
          });
        })
        .join();
    parked.join();
  }
}

}  // namespace
}  // namespace vthreads
