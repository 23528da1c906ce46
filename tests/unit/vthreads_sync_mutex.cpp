#include <atomic>
#include <chrono>
#include <mutex>

#include "support/catch.h"
#include "support/vthreads_crew.h"
#include "support/vthreads_fixture.h"
#include "support/vthreads_stop.h"
#include "vthreads/mutex.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constinit Mutex global;  // needs no constructor at run time

// Whether somebody else could lock it now.
bool is_free(Mutex& mutex) {
  if (!mutex.try_lock()) return false;
  mutex.unlock();
  return true;
}

TEST_CASE("a mutex lets in one at a time, whoever they are", "[vthreads][mutex]") {
  test::on_every_crew([](test::Crew& crew, test::Random&) {
    Mutex mutex;
    int inside = 0, count = 0;  // guarded by mutex
    std::atomic<int> wrong{0};
    for (int i = 0; i < 9; ++i) {
      crew.start([&, i] {
        for (int turn = 0; turn < test::sized(100); ++turn) {
          const std::lock_guard lock(mutex);
          wrong += ++inside != 1;
          if ((turn + i) % 7 == 0) this_vthread::yield();
          --inside, ++count;
        }
      });
    }
    crew.join();
    CHECK(wrong == 0);
    CHECK(count == 9 * test::sized(100));
    CHECK(is_free(mutex));
  });
}

TEST_CASE("a mutex works with what the standard library does with mutexes", "[vthreads][mutex]") {
  Mutex other;
  {
    const std::scoped_lock both(global, other);
    CHECK_FALSE(is_free(global));
    CHECK_FALSE(is_free(other));
  }
  std::unique_lock lock(global, std::try_to_lock);
  CHECK(lock.owns_lock());
  lock.unlock();
  CHECK(lock.try_lock_for(1ms));
  CHECK_FALSE(std::unique_lock(global, Clock::now() + 1ms).owns_lock());
  CHECK(std::try_lock(other, global) == 1);
  lock.unlock();
  CHECK(std::try_lock(other, global) == -1);
  global.unlock();
  other.unlock();
}

TEST_CASE("a timed lock gives up at its deadline, and not before", "[vthreads][mutex]") {
  Scheduler scheduler({.carriers = 1});
  Mutex mutex;
  mutex.lock();
  const auto too_early = [&] {
    const auto deadline = Clock::now() + 5ms;
    return mutex.try_lock_until(deadline) || Clock::now() < deadline || mutex.try_lock_for(1ms);
  };
  std::atomic<bool> wrong{true};
  scheduler.start([&] { wrong = too_early(); }).join();
  CHECK_FALSE(wrong);
  CHECK_FALSE(too_early());
  mutex.unlock();
  CHECK(mutex.try_lock_until(Clock::now() - 1s));  // nothing to wait for, so no deadline
  mutex.unlock();
}

TEST_CASE("who gives up in the middle of the queue leaves the others in order",
          "[vthreads][mutex]") {
  Scheduler scheduler({.carriers = 1});
  Mutex mutex;
  std::string order;  // guarded by mutex
  bool gave_up = false;
  mutex.lock();
  const auto waits = [&](char name) {
    mutex.lock();
    order += name;
    mutex.unlock();
  };
  std::vector<VThread> vthreads;
  vthreads.push_back(scheduler.start([&] { waits('a'); }));
  test::wait_until_parked(scheduler, 1);
  test::Stoppable gives_up(scheduler, [&] {
    try {
      mutex.lock_interruptibly();
    } catch (const Stopped&) {
      gave_up = true;
    }
  });
  test::wait_until_parked(scheduler, 2);
  vthreads.push_back(scheduler.start([&] { waits('b'); }));
  test::wait_until_parked(scheduler, 3);
  gives_up.request_stop();
  gives_up.join();
  mutex.unlock();
  test::join_all(vthreads);
  CHECK(gave_up);
  CHECK(order == "ab");
  CHECK(is_free(mutex));
}

TEST_CASE("a thread that locks again and again cannot keep another out", "[vthreads][mutex]") {
  Scheduler scheduler({.carriers = 1});
  Mutex mutex;
  std::atomic<bool> got_it{false};
  std::uint32_t rounds = 0;
  scheduler
      .start([&] {
        mutex.lock();
        VThread other = scheduler.start([&] {
          mutex.lock();
          got_it = true;
          mutex.unlock();
        });
        this_vthread::yield();
        while (!got_it && rounds < 100) {
          mutex.unlock();
          mutex.lock();
          ++rounds;
          this_vthread::yield();  // the other is woken, and finds it locked
        }
        mutex.unlock();
        other.join();
      })
      .join();
  CHECK(rounds > 1);  // the other was passed over at first
  CHECK(rounds <= Mutex::kPatience + 1);
}

TEST_CASE("a mutex that is free can be had although somebody was woken for it",
          "[vthreads][mutex]") {
  Scheduler scheduler({.carriers = 1});
  Mutex mutex;
  bool barged = false, tried = false;
  scheduler
      .start([&] {
        mutex.lock();
        VThread other = scheduler.start([&] { const std::lock_guard lock(mutex); });
        this_vthread::yield();
        mutex.unlock();
        tried = mutex.try_lock();
        mutex.unlock();
        barged = mutex.try_lock_until(Clock::now() - 1s);
        mutex.unlock();
        other.join();
      })
      .join();
  CHECK(tried);
  CHECK(barged);
  CHECK(is_free(mutex));
}

TEST_CASE("lock and try_lock_until are not interrupted by a stop", "[vthreads][mutex][stop]") {
  for (const bool timed : {false, true}) {
    CAPTURE(timed);
    Scheduler scheduler;
    Mutex mutex;
    std::atomic<bool> locked{false};
    mutex.lock();
    test::Stoppable waits(scheduler, [&] {
      if (timed) {
        locked = mutex.try_lock_for(1h);
      } else {
        mutex.lock();
        locked = true;
      }
      mutex.unlock();
    });
    test::wait_until_parked(scheduler, 1);
    waits.request_stop();
    test::wait_until_parked(scheduler, 2);  // it woke up, and waits again
    CHECK_FALSE(locked);
    mutex.unlock();
    waits.join();
    CHECK(locked);
  }
}

TEST_CASE("lock_interruptibly throws when stopped before or during the wait, but not without one",
          "[vthreads][mutex][stop]") {
  Scheduler scheduler;
  Mutex mutex;
  bool timeout = true, at_once = false;
  std::atomic<int> thrown{0};
  std::atomic<bool> released{false};
  mutex.lock();
  scheduler.start([&] { timeout = mutex.lock_interruptibly(Clock::now() + 1ms); }).join();
  const std::uint64_t parks = scheduler.stats().parks;
  test::Stoppable waits(scheduler, [&] {
    for (int i = 0; i < 2;
         ++i) {  // the first is in its wait when it is stopped, the second begins one
      try {
        mutex.lock_interruptibly();
      } catch (const Stopped&) {
        ++thrown;
      }
    }
    test::wait_until([&] { return released.load(); });
    at_once = mutex.lock_interruptibly();
    mutex.unlock();
  });
  test::wait_until_parked(scheduler, parks + 1);
  waits.request_stop();
  test::wait_until([&] { return thrown == 2; });
  mutex.unlock();
  released = true;
  waits.join();
  CHECK_FALSE(timeout);
  CHECK(at_once);
}

}  // namespace
}  // namespace vthreads
