// What goes wrong, and what happens then: vthreads_join.cpp has joining oneself and twice.

#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_death.h"
#include "support/vthreads_fixture.h"
#include "vthreads/blocking.h"
#include "vthreads/io.h"
#include "vthreads/scope.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;

Config green() {
  Config config;
  config.drive = Config::Drive::calling_thread;
  return config;
}

std::vector<Config> every_drive() {
  std::vector<Config> all{green()};
  for (const test::Shape shape : test::all_shapes()) all.push_back(shape.config());
  return all;
}

// Waits without a deadline, and says whether that ended by Stopped.
template <class Wait>
void count_stopped(std::atomic<int>& stopped, Wait wait) {
  try {
    wait();
  } catch (const Stopped&) {
    ++stopped;
    throw;
  }
}

TEST_CASE("a scheduler that is destroyed stops the vthreads that nothing in it can wake",
          "[vthreads][faults]") {
  for (const Config& config : every_drive()) {
    CAPTURE(config.carriers);
    std::atomic<int> stopped{0};
    std::vector<VThread> kept;
    {
      Scheduler scheduler(config);
      for (int i = 0; i < 31; ++i)
        scheduler.start([&] { count_stopped(stopped, [] { this_vthread::park(); }); }).detach();
      kept.push_back(
          scheduler.start([&] { count_stopped(stopped, [] { this_vthread::park(); }); }));
      scheduler
          .start([&] {
            Scope scope;
            scope.start([&] { count_stopped(stopped, [] { this_vthread::park(); }); });
            scope.join();  // is stopped, or finds that one stopped already
          })
          .detach();
    }
    CHECK(stopped == 33);
    test::join_all(kept);
  }
}

TEST_CASE("vthreads that wait for each other in a circle are stopped", "[vthreads][faults]") {
  std::atomic<int> stopped{0};
  VThread handles[2];
  {
    Scheduler scheduler;
    std::atomic<bool> ready{false};
    for (const int i : {0, 1}) {
      handles[i] = scheduler.start([&, i] {
        test::wait_until([&] { return ready.load(); });
        count_stopped(stopped, [&] { handles[1 - i].join(); });
      });
    }
    ready = true;
  }
  CHECK(stopped >= 1);  // the other one may then find it finished
  for (VThread& handle : handles) {
    if (handle.joinable()) handle.join();
  }
}

TEST_CASE("a scheduler that is destroyed waits for deadlines, descriptors and blocking calls",
          "[vthreads][faults]") {
  for (const Config& config : every_drive()) {
    CAPTURE(config.carriers);
    std::atomic<int> done{0};
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    io::prepare(ends[0]);
    std::thread writer;
    {
      Scheduler scheduler(config);
      scheduler
          .start([&] {
            this_vthread::sleep_for(5ms);
            ++done;
          })
          .detach();
      scheduler
          .start([&] {
            this_vthread::park_for(5ms);
            ++done;
          })
          .detach();
      scheduler
          .start([&] {
            const Pin pin;
            this_vthread::sleep_for(5ms);
            ++done;
          })
          .detach();
      scheduler
          .start([&] {
            char byte = 0;
            done += io::read(ends[0], &byte, 1) == 1;
          })
          .detach();
      scheduler
          .start([&] {
            blocking([] { std::this_thread::sleep_for(10ms); });
            ++done;
          })
          .detach();
      // A vthread that parks, and is unparked by one that comes back from its deadline.
      VThread parks = scheduler.start([&] {
        this_vthread::park();
        ++done;
      });
      scheduler
          .start([&, ref = parks.ref()] {
            this_vthread::sleep_for(15ms);
            ref.unpark();
            ++done;
          })
          .detach();
      parks.detach();
      writer = std::thread([&] {
        std::this_thread::sleep_for(20ms);
        static_cast<void>(::write(ends[1], "x", 1));
      });
    }
    writer.join();
    CHECK(done == 7);
    ::close(ends[0]);
    ::close(ends[1]);
  }
}

TEST_CASE(
    "a descriptor that is watched, though nobody waits for it, does not keep a scheduler waiting",
    "[vthreads][faults]") {
  for (const Config& config : every_drive()) {
    CAPTURE(config.carriers);
    std::atomic<int> done{0}, stopped{0};
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    io::prepare(ends[0]);
    {
      Scheduler scheduler(config);
      scheduler
          .start([&] {
            char byte = 0;
            done += io::read(ends[0], &byte, 1) == 1;
            count_stopped(stopped, [] { this_vthread::park(); });
          })
          .detach();
      scheduler
          .start([&] {
            this_vthread::sleep_for(1ms);
            done += ::write(ends[1], "x", 1) == 1;
          })
          .detach();
    }
    CHECK(done == 2);
    CHECK(stopped == 1);
    io::close(ends[0]);
    ::close(ends[1]);
  }
}

TEST_CASE("a vthread that parks with a Pin for ever is stopped too", "[vthreads][faults]") {
  for (const test::Shape shape : test::all_shapes()) {
    CAPTURE(shape);
    std::atomic<int> stopped{0};
    {
      Scheduler scheduler(shape.config());
      for (int i = 0; i < 3; ++i) {
        scheduler
            .start([&] {
              const Pin pin;
              count_stopped(stopped, [] { this_vthread::park(); });
            })
            .detach();
      }
    }
    CHECK(stopped == 3);
  }
}

TEST_CASE("what a stopped vthread starts on its way out is waited for", "[vthreads][faults]") {
  for (const Config& config : every_drive()) {
    CAPTURE(config.carriers);
    std::atomic<int> done{0};
    {
      Scheduler scheduler(config);
      scheduler
          .start([&] {
            try {
              this_vthread::park();
            } catch (const Stopped&) {
              const StopMask mask;
              scheduler
                  .start([&] {
                    this_vthread::sleep_for(2ms);
                    ++done;
                    this_vthread::park();
                  })
                  .join();
              ++done;
            }
          })
          .detach();
    }
    CHECK(done == 2);
  }
}

TEST_CASE("vthreads that wait even though asked to stop are named, and the process ends",
          "[vthreads][faults]") {
  Config one;
  one.carriers = 1;
  for (const Config& config : {one, green()}) {
    const test::Death death = test::death_of([&] {
      Scheduler scheduler(config);
      for (const char* name : {"stubborn", "", "third", "fourth"}) {
        scheduler
            .start({.name = name},
                   [] {
                     const StopMask mask;
                     this_vthread::park();
                   })
            .detach();
      }
    });
    CAPTURE(death.message);
    CHECK(death.signal == SIGABRT);
    CHECK(death.message.find("a Scheduler is being destroyed, but 4 vthreads wait") !=
          std::string::npos);
    CHECK(death.message.find(" 'stubborn' (parked), ") != std::string::npos);
    CHECK(death.message.find(" (parked), ...\n") != std::string::npos);
  }
}

TEST_CASE("who unparks a stubborn one in time from outside saves the process",
          "[vthreads][faults]") {
  std::atomic<bool> asked{false};
  bool done = false;
  std::thread saviour;
  {
    Scheduler scheduler;
    VThread vthread = scheduler.start([&] {
      try {
        this_vthread::park();
      } catch (const Stopped&) {
        asked = true;
        const StopMask mask;
        this_vthread::park();
      }
      done = true;
    });
    saviour = std::thread([&, ref = vthread.ref()] {
      while (!asked) std::this_thread::yield();
      ref.unpark();
    });
    vthread.detach();
  }
  saviour.join();
  CHECK(done);
}

TEST_CASE("a scheduler that is destroyed where it must not be says so", "[vthreads][faults]") {
  const test::Death own = test::death_of([] {
    auto* scheduler = new Scheduler({.carriers = 1});
    scheduler->start([=] { delete scheduler; }).join();
  });
  CHECK(own.signal == SIGABRT);
  CHECK(own.message == "vthreads: a Scheduler must not be destroyed by its own vthread\n");
  const test::Death nested = test::death_of([] {
    Scheduler outer({.carriers = 1});
    outer
        .start([] {
          Scheduler inner(green());
          inner.start([] {}).detach();
        })
        .join();
  });
  CHECK(nested.signal == SIGABRT);
  CHECK(nested.message.find("must not be destroyed on a vthread") != std::string::npos);
}

}  // namespace
}  // namespace vthreads
