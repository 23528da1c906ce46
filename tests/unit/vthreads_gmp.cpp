// vthreads_gmp.cpp — Kind::gmp does what Go's scheduler does: at most P at once, hand-off, order.
//
// A hang means that nobody took over a P or looked at a queue.
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_fixture.h"
#include "support/vthreads_gmp.h"
#include "vthreads/blocking.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;

using test::gmp;
using test::hold_until;

// How many are between enter() and leave() now, and how many were at most.
class Meter {
 public:
  void enter() {
    const int now = ++inside_;
    int most = most_.load();
    while (most < now && !most_.compare_exchange_weak(most, now)) {
    }
  }
  void leave() { --inside_; }
  int inside() const { return inside_; }
  int most() const { return most_; }

 private:
  std::atomic<int> inside_{0};
  std::atomic<int> most_{0};
};

// Where OS threads wait for each other without using CPU time.
class Meeting {
 public:
  explicit Meeting(int expected) : missing_(expected) {}
  void arrive_and_wait() {
    std::unique_lock lock(mutex_);
    if (--missing_ == 0) return all_here_.notify_all();
    all_here_.wait(lock, [this] { return missing_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_here_;
  int missing_;
};

// --- configuration -------------------------------------------------------------------------------

TEST_CASE("gmp refuses what it cannot honour", "[vthreads][gmp]") {
  Config green = gmp(1);
  green.drive = Config::Drive::calling_thread;
  CHECK_THROWS_AS(Scheduler(green), std::invalid_argument);
  CHECK_THROWS_AS(Scheduler(gmp(kMaxCarriers + 1)), std::invalid_argument);
  Config ring = gmp(1);
  ring.run_queue_slots = 100;
  CHECK_THROWS_AS(Scheduler(ring), std::invalid_argument);
  Config most = gmp(1);
  most.max_carriers = kMaxCarriers + 1;
  CHECK_THROWS_AS(Scheduler(most), std::invalid_argument);
  Scheduler scheduler(gmp(1));
  CHECK_THROWS_AS(scheduler.run(), std::system_error);
}

TEST_CASE("gmp starts its monitor and one carrier, and the others through the same factory",
          "[vthreads][gmp]") {
  const int before = test::os_threads();
  {
    std::atomic<int> carriers{0}, monitors{0};
    Config config = gmp(2);
    config.start_carrier = [&](std::function<void()> body) {
      ++carriers;
      return std::thread(std::move(body));
    };
    config.start_monitor = [&](std::function<void()> body) {
      ++monitors;
      return std::thread(std::move(body));
    };
    Scheduler scheduler(config);
    CHECK(carriers == 1);
    CHECK(monitors == 1);
    CHECK(scheduler.stats().carriers == 1);
    std::atomic<bool> over{false};
    std::atomic<int> running{0};
    std::vector<VThread> both;
    for (int i = 0; i < 2; ++i) {
      both.push_back(scheduler.start([&] {
        ++running;
        hold_until([&] { return over.load(); });
      }));
    }
    hold_until([&] { return running == 2; });
    // Two at least; one more for each that was free already but had not yet said so.
    CHECK(carriers >= 2);
    CHECK(carriers <= 4);
    CHECK(scheduler.stats().carriers == static_cast<unsigned>(carriers));
    CHECK(test::os_threads_become(before + 1 + carriers));
    over = true;
    test::join_all(both);
    CHECK(monitors == 1);
  }
  CHECK(test::os_threads_become(before));
}

TEST_CASE("gmp without an OS thread to begin with fails and leaves none behind",
          "[vthreads][gmp]") {
  const int before = test::os_threads();
  const auto refuses = [](std::function<void()>) -> std::thread {
    throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
  };
  Config no_carrier = gmp(2), no_monitor = gmp(2);
  no_carrier.start_carrier = refuses;
  no_monitor.start_monitor = refuses;
  CHECK_THROWS_AS(Scheduler(no_carrier), std::system_error);
  CHECK_THROWS_AS(Scheduler(no_monitor), std::system_error);
  CHECK(test::os_threads_become(before));
}

// --- Ps and Ms -----------------------------------------------------------------------------------

// `count` vthreads are in blocking() at the same time, so it takes as many OS threads, and then come out
// of it at the same time. Returns how many ran at once at most.
int run_after_blocking_together(Scheduler& scheduler, int count) {
  Meeting in_call(count);
  Meter running;
  std::vector<VThread> vthreads;
  for (int i = 0; i < count; ++i) {
    vthreads.push_back(scheduler.start([&] {
      blocking([&] { in_call.arrive_and_wait(); });
      for (int turn = 0; turn < 3; ++turn) {
        running.enter();
        std::this_thread::yield();
        running.leave();
        this_vthread::yield();
      }
    }));
  }
  test::join_all(vthreads);
  return running.most();
}

TEST_CASE("no more vthreads run at once than there are Ps, however many carriers there are",
          "[vthreads][gmp]") {
  for (const int procs : {1, 2}) {
    CAPTURE(procs);
    Scheduler scheduler(gmp(static_cast<unsigned>(procs)));
    constexpr int kTogether = 12;
    CHECK(run_after_blocking_together(scheduler, kTogether) <= procs);
    const Stats first = scheduler.stats();
    CHECK(first.carriers >= kTogether);
    CHECK(first.handoffs >= static_cast<std::uint64_t>(kTogether - procs));
    // The next times there are carriers enough; a new one is started only while one that is free now has
    // not yet said so.
    for (int round = 0; round < 10; ++round)
      CHECK(run_after_blocking_together(scheduler, kTogether) <= procs);
    CHECK(scheduler.stats().carriers < 3 * kTogether);
  }
}

TEST_CASE("one search after the other spreads work that was made at once over all Ps",
          "[vthreads][gmp]") {
  // All become ready at the same moment, for which one carrier is woken; each keeps its P until all run.
  constexpr int kProcs = 4;
  Scheduler scheduler(gmp(kProcs));
  const int rounds = test::sized(100);
  for (int round = 0; round < rounds; ++round) {
    std::atomic<int> running{0};
    const Deadline at = std::chrono::steady_clock::now() + 500us;
    std::vector<VThread> vthreads;
    for (int i = 0; i < kProcs; ++i) {
      vthreads.push_back(scheduler.start([&] {
        this_vthread::sleep_until(at);
        ++running;
        hold_until([&] { return running == kProcs; });
      }));
    }
    test::join_all(vthreads);
  }
  CHECK(scheduler.stats().carriers >= kProcs);
}

TEST_CASE("on one P a vthread in blocking() that waits for another vthread gets on",
          "[vthreads][gmp]") {
  Scheduler scheduler(gmp(1));
  for (int round = 0; round < 20; ++round) {
    std::atomic<bool> acted{false};
    VThread waits = scheduler.start([&] {
      VThread acts = scheduler.start([&] { acted = true; });
      blocking([&] { hold_until([&] { return acted.load(); }); });
      acts.join();
    });
    waits.join();
  }
  CHECK(scheduler.stats().handoffs >= 20);
  CHECK(scheduler.stats().carriers < 15);
}

TEST_CASE("a pinned vthread waits on its carrier while its P serves others, and gets one again",
          "[vthreads][gmp]") {
  Scheduler scheduler(gmp(1));
  std::atomic<bool> over{false};
  std::atomic<int> turns{0};
  bool stayed = true;
  VThread pinned = scheduler.start([&] {
    const Pin pin;
    const int tid = ::gettid();
    for (int round = 0; round < 20; ++round) {
      this_vthread::park();
      stayed = stayed && tid == ::gettid() && this_vthread::carrier_tid() == tid;
    }
    over = true;
  });
  // These never let the P go idle.
  std::vector<VThread> others;
  for (int i = 0; i < 2; ++i) {
    others.push_back(scheduler.start([&] {
      while (!over) {
        ++turns;
        pinned.unpark();
        this_vthread::yield();
      }
    }));
  }
  test::join_all(others);
  pinned.join();
  CHECK(stayed);
  CHECK(turns > 0);
}

TEST_CASE("what is started or unparked inside blocking() runs though the caller has no P",
          "[vthreads][gmp]") {
  Scheduler scheduler(gmp(1));
  std::atomic<bool> parked_ran{false}, started_ran{false};
  VThread parks = scheduler.start([&] {
    this_vthread::park();
    parked_ran = true;
  });
  scheduler
      .start([&] {
        blocking([&] {
          scheduler.start([&] { started_ran = true; }).detach();
          parks.unpark();
          hold_until([&] { return parked_ran && started_ran; });
        });
      })
      .join();
  parks.join();
  CHECK(scheduler.stats().handoffs >= 1);
}

TEST_CASE("a vthread that finds no P after blocking() keeps errno, its exceptions and its identity",
          "[vthreads][gmp]") {
  Scheduler scheduler(gmp(1));
  constexpr int kCount = 8;
  Meeting in_call(kCount);
  std::atomic<int> wrong{0};
  std::vector<VThread> vthreads;
  for (int i = 0; i < kCount; ++i) {
    vthreads.push_back(scheduler.start([&, i] {
      const auto id = this_vthread::id();
      try {
        blocking([&] {
          in_call.arrive_and_wait();
          errno = 1000 + i;
          if (i % 2 == 0) throw i;
        });
        wrong += errno != 1000 + i;
      } catch (int thrown) {
        this_vthread::yield();
        wrong += thrown != i || std::uncaught_exceptions() != 0;
      }
      wrong += this_vthread::id() != id || this_vthread::carrier_tid() != ::gettid();
    }));
  }
  test::join_all(vthreads);
  CHECK(wrong == 0);
}

// --- limits --------------------------------------------------------------------------------------

TEST_CASE("gmp with as many carriers as Ps still does everything, one after the other",
          "[vthreads][gmp]") {
  for (const unsigned procs : {1U, 2U}) {
    CAPTURE(procs);
    Config config = gmp(procs);
    config.max_carriers = procs;
    Scheduler scheduler(config);
    std::atomic<int> done{0};
    std::vector<VThread> vthreads;
    for (int i = 0; i < 20; ++i) {
      vthreads.push_back(scheduler.start([&, i] {
        for (int turn = 0; turn < 5; ++turn) {
          blocking([] { std::this_thread::yield(); });
          if (i % 3 == 0) this_vthread::sleep_for(100us);
          if (i % 3 == 1) {
            const Pin pin;
            this_vthread::sleep_for(100us);
          }
          this_vthread::yield();
        }
        ++done;
      }));
    }
    test::join_all(vthreads);
    // From outside, while the last carrier is falling asleep, or waits for a deadline.
    VThread waits = scheduler.start([] { this_vthread::park_for(1h); });
    for (int round = 0; round < 300; ++round) scheduler.start([&] { ++done; }).join();
    waits.unpark();
    waits.join();
    CHECK(done == 320);
    CHECK(scheduler.stats().carriers <= procs);
  }
}

TEST_CASE("a P for which there is no carrier leaves its vthreads to those who have one",
          "[vthreads][gmp]") {
  Config config = gmp(2);
  config.max_carriers = 2;
  Scheduler scheduler(config);
  std::atomic<bool> over{false}, holds{false}, ran{false};
  VThread holder = scheduler.start([&] {
    holds = true;
    hold_until([&] { return over.load(); });
  });
  hold_until([&] { return holds.load(); });
  VThread blocks = scheduler.start([&] {
    VThread queued = scheduler.start([&] { ran = true; });
    blocking([&] { hold_until([&] { return ran.load(); }); });
    queued.join();
  });
  hold_until([&] { return scheduler.stats().handoffs == 1; });
  over = true;
  holder.join();
  blocks.join();
  CHECK(ran);
}

TEST_CASE("when no more OS threads are to be had, gmp gets on with those it has",
          "[vthreads][gmp]") {
  std::atomic<int> asked{0};
  Config config = gmp(2);
  config.start_carrier = [&](std::function<void()> body) {
    if (++asked > 1)
      throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    return std::thread(std::move(body));
  };
  Scheduler scheduler(config);
  std::atomic<int> done{0};
  std::vector<VThread> vthreads;
  for (int i = 0; i < 50; ++i) {
    vthreads.push_back(scheduler.start([&] {
      blocking([] { std::this_thread::yield(); });
      this_vthread::yield();
      ++done;
    }));
  }
  test::join_all(vthreads);
  CHECK(done == 50);
  CHECK(asked > 1);
  CHECK(scheduler.stats().carriers == 1);
}

// --- order ---------------------------------------------------------------------------------------

TEST_CASE("the vthread made ready last runs next, the others in order", "[vthreads][gmp]") {
  Scheduler scheduler(gmp(1));
  int as_expected = 0;
  for (int round = 0; round < 20; ++round) {
    std::string order;
    scheduler
        .start([&] {
          std::array<VThread, 3> vthreads;
          for (std::size_t i = 0; i < 3; ++i)
            vthreads[i] = scheduler.start([&, i] { order += static_cast<char>('a' + i); });
          for (VThread& vthread : vthreads) vthread.join();
        })
        .join();
    // Unless the time slice was over, which is the machine's business.
    as_expected += order == "cab";
  }
  CHECK(as_expected > 10);
}

TEST_CASE("vthreads that make each other ready do not keep a P for ever", "[vthreads][gmp]") {
  Scheduler scheduler(gmp(1));
  std::atomic<bool> over{false};
  std::array<VThreadRef, 2> players;
  std::array<VThread, 2> handles;
  std::atomic<int> ready{0};
  for (std::size_t side = 0; side < 2; ++side) {
    handles[side] = scheduler.start([&, side] {
      players[side] = this_vthread::current();
      ++ready;
      test::wait_until([&] { return ready == 2; });
      while (!over) {
        players[1 - side].unpark();
        this_vthread::park();
      }
      players[1 - side].unpark();
    });
  }
  test::wait_until([&] { return ready == 2; });
  scheduler.start([&] { over = true; }).join();
  for (VThread& handle : handles) handle.join();
}

TEST_CASE("every 61st time slice takes a vthread from the global queue", "[vthreads][gmp]") {
  Scheduler scheduler(gmp(1));
  int most = 0;
  bool too_late = false;
  scheduler
      .start([&] {
        std::atomic<bool> over{false};
        VThread other = scheduler.start([&] {
          while (!over) this_vthread::yield();
        });
        for (int round = 0; round < 20; ++round) {
          std::atomic<bool> ran{false};
          // Started from outside, so it goes to the global queue; here two always have something to run.
          std::thread([&] { scheduler.start([&] { ran = true; }).detach(); }).join();
          int slices = 0;
          for (; !ran; slices += 2) this_vthread::yield();
          too_late = too_late || slices > 62;
          most = std::max(most, slices);
          for (int skip = 0; skip < round; ++skip) this_vthread::yield();
        }
        over = true;
        other.join();
      })
      .join();
  CHECK_FALSE(too_late);
  CHECK(most > 4);
}

}  // namespace
}  // namespace vthreads
