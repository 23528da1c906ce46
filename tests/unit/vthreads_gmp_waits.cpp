// vthreads_gmp_waits.cpp — Kind::gmp: deadlines, descriptors, the end of a scheduler, and idleness.
//
// A hang means that nobody looked.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_fixture.h"
#include "support/vthreads_gmp.h"
#include "vthreads/blocking.h"
#include "vthreads/io.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;
using test::gmp;
using test::hold_until;

// --- deadlines and descriptors -------------------------------------------------------------------

TEST_CASE("deadlines are noticed in gmp, whether all Ps are idle, one is held or all are busy",
          "[vthreads][gmp]") {
  const auto starts_a_sleeper = [](Scheduler& scheduler, std::atomic<bool>& woken) {
    return scheduler.start([&] {
      this_vthread::sleep_for(3ms);
      woken = true;
    });
  };
  SECTION("idle") {
    Scheduler scheduler(gmp(2));
    std::atomic<bool> woken{false};
    starts_a_sleeper(scheduler, woken).join();
    // Somebody waits in the poller for a later deadline, and must hear of the earlier ones.
    VThread much_later = scheduler.start([] { this_vthread::park_for(1h); });
    for (int i = 0; i < 10; ++i) scheduler.start([] { this_vthread::sleep_for(2ms); }).join();
    much_later.unpark();
    much_later.join();
    CHECK(woken);
  }
  SECTION("the one where the deadline is is held by a vthread, the others are busy") {
    Scheduler scheduler(gmp(2));
    std::atomic<bool> woken{false}, sleeps{false};
    std::vector<VThread> yielders;
    for (int i = 0; i < 4; ++i) {
      yielders.push_back(scheduler.start([&] {
        while (!woken) this_vthread::yield();
      }));
    }
    scheduler
        .start([&] {
          VThread sleeper = scheduler.start([&] {
            sleeps = true;
            this_vthread::sleep_for(3ms);
            woken = true;
          });
          while (!sleeps) this_vthread::yield();
          hold_until([&] { return woken.load(); });
          sleeper.join();
        })
        .join();
    test::join_all(yielders);
  }
  SECTION("busy") {
    Scheduler scheduler(gmp(1));
    std::atomic<bool> woken{false};
    VThread sleeper = starts_a_sleeper(scheduler, woken);
    std::vector<VThread> yielders;
    for (int i = 0; i < 2; ++i) {
      yielders.push_back(scheduler.start([&] {
        while (!woken) this_vthread::yield();
      }));
    }
    test::join_all(yielders);
    sleeper.join();
  }
}

TEST_CASE("descriptors are noticed in gmp, whether all Ps are idle or busy", "[vthreads][gmp]") {
  for (const bool busy : {false, true}) {
    CAPTURE(busy);
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    io::prepare(ends[0]);
    {
      Scheduler scheduler(gmp(1));
      std::atomic<bool> got{false};
      std::atomic<int> yielding{0};
      std::vector<VThread> yielders;
      // Busy before the reader waits: so there is no carrier that waits in the poller, and none goes there.
      for (int i = 0; busy && i < 2; ++i) {
        yielders.push_back(scheduler.start([&] {
          ++yielding;
          while (!got) this_vthread::yield();
        }));
      }
      hold_until([&] { return !busy || yielding == 2; });
      VThread reader = scheduler.start([&] {
        char byte = 0;
        got = io::read(ends[0], &byte, 1) == 1 && byte == 'x';
      });
      test::wait_until([&] { return scheduler.stats().parks == 1; });
      REQUIRE(::write(ends[1], "x", 1) == 1);
      reader.join();
      test::join_all(yielders);
      CHECK(got);
    }
    ::close(ends[0]);
    ::close(ends[1]);
  }
}

// --- the end, and idleness -----------------------------------------------------------------------

TEST_CASE("the destructor of a gmp scheduler waits for all and stops all OS threads",
          "[vthreads][gmp]") {
  const int before = test::os_threads();
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> done{0};
    std::atomic<bool> in_call{false};
    {
      Scheduler scheduler(gmp(2));
      scheduler.start([&] { this_vthread::sleep_for(1ms), ++done; }).detach();
      scheduler
          .start([&] {
            blocking([&] { in_call = true, ::usleep(1000); });
            ++done;
          })
          .detach();
      scheduler
          .start([&] {
            const Pin pin;
            this_vthread::sleep_for(1ms);
            ++done;
          })
          .detach();
      if (round % 2 == 0) hold_until([&] { return in_call.load(); });
    }
    CHECK(done == 3);
  }
  CHECK(test::os_threads_become(before));
}

TEST_CASE(
    "the destructor of a gmp scheduler stops a carrier that is just about to wait in the poller",
    "[vthreads][gmp]") {
  // A descriptor that stays registered keeps the poller of interest to everybody, until the end and beyond.
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  io::prepare(ends[0]);
  std::atomic<int> wrong{0};
  const int rounds = test::sized(500);
  for (int round = 0; round < rounds; ++round) {
    Scheduler scheduler(gmp(2));
    VThread reader = scheduler.start([&] {
      char byte = 0;
      wrong += io::read(ends[0], &byte, 1) != 1;
    });
    // The last that happens is on two carriers at once: one was in the poller, the other falls asleep.
    VThread writer = scheduler.start([&] {
      this_vthread::yield();
      wrong += ::write(ends[1], "x", 1) != 1;
    });
    writer.join();
    reader.join();
  }
  CHECK(wrong == 0);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("exceptions, join, detach and stop work in gmp", "[vthreads][gmp]") {
  Scheduler scheduler(gmp(2));
  VThread fails = scheduler.start([] { throw std::runtime_error("from the body"); });
  CHECK_THROWS_WITH(fails.join(), "from the body");
  std::atomic<bool> stopped{false};
  VThread asked = scheduler.start([&] {
    try {
      this_vthread::park();
    } catch (const Stopped&) {
      stopped = true;
    }
  });
  asked.request_stop();
  asked.join();
  CHECK(stopped);
  VThread sleeps = scheduler.start([] { this_vthread::sleep_for(20ms); });
  CHECK_FALSE(sleeps.join_for(1ms));
  sleeps.join();
}

// How often all other OS threads of this process have gone to sleep.
std::uint64_t sleeps_of_others() {
  std::uint64_t sum = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    if (task.path().filename() == std::to_string(::gettid())) continue;
    std::ifstream status(task.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (line.rfind("voluntary_ctxt_switches:", 0) == 0) sum += std::stoull(line.substr(24));
    }
  }
  return sum;
}

TEST_CASE("a process whose gmp vthreads all wait does nothing at all, its monitor included",
          "[vthreads][gmp]") {
  Scheduler scheduler(gmp(2));
  std::vector<VThread> vthreads;
  for (int i = 0; i < 100; ++i) vthreads.push_back(scheduler.start([] { this_vthread::park(); }));
  vthreads.push_back(scheduler.start([] { this_vthread::park_for(1h); }));
  bool still = false;
  for (int look = 0; look < 200 && !still; ++look) {
    const std::uint64_t before = sleeps_of_others();
    std::this_thread::sleep_for(50ms);
    still = sleeps_of_others() == before;
  }
  CHECK(still);
  for (VThread& vthread : vthreads) vthread.unpark();
  test::join_all(vthreads);
}

}  // namespace
}  // namespace vthreads
