#include <atomic>
#include <chrono>
#include <mutex>
#include <string>

#include "support/catch.h"
#include "support/vthreads_crew.h"
#include "support/vthreads_fixture.h"
#include "support/vthreads_stop.h"
#include "vthreads/condition_variable.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Lock = std::unique_lock<Mutex>;

TEST_CASE("two that wait for each other's notification take turns", "[vthreads][condition]") {
  test::on_every_crew([](test::Crew& crew, test::Random&) {
    Mutex mutex;
    ConditionVariable changed;
    int turn = 0;  // guarded by mutex
    const int turns = 2 * test::sized(200);
    for (int me = 0; me < 6; ++me) {
      crew.start([&, me] {
        Lock lock(mutex);
        for (;;) {
          if (me % 2 == 0) {
            changed.wait(lock, [&] { return turn >= turns || turn % 6 == me; });
          } else {
            while (turn < turns && turn % 6 != me) changed.wait(lock);
          }
          if (turn >= turns) break;
          ++turn;
          changed.notify_all();
        }
        changed.notify_all();
      });
    }
    crew.join();
    CHECK(turn == turns);
  });
}

TEST_CASE("notify_one ends one wait, that of who has waited longest", "[vthreads][condition]") {
  Scheduler scheduler({.carriers = 1});
  Mutex mutex;
  ConditionVariable condition;
  std::string order;
  std::vector<VThread> waiting;
  for (const char name : {'a', 'b', 'c', 'd'}) {
    waiting.push_back(scheduler.start([&, name] {
      Lock lock(mutex);
      condition.wait(lock);
      order += name;
    }));
    test::wait_until_parked(scheduler, waiting.size());
  }
  scheduler.start([&] { condition.notify_one(); }).join();
  waiting[0].join();
  CHECK(order == "a");
  scheduler
      .start([&] {
        condition.notify_one();
        condition.notify_one();
      })
      .join();
  waiting[1].join();
  waiting[2].join();
  CHECK(order == "abc");
  condition.notify_one();
  waiting[3].join();
  CHECK(order == "abcd");
}

TEST_CASE("notify_all ends all waits", "[vthreads][condition]") {
  test::on_every_crew([](test::Crew& crew, test::Random&) {
    Mutex mutex;
    ConditionVariable condition;
    int waiting = 0, woken = 0;
    for (int i = 0; i < 10; ++i) {
      crew.start([&] {
        Lock lock(mutex);
        ++waiting;
        condition.wait(lock);
        ++woken;
      });
    }
    crew.start([&] {
      test::wait_until([&] {
        const Lock lock(mutex);
        return waiting == 10;
      });
      condition.notify_all();
    });
    crew.join();
    CHECK(woken == 10);
  });
}

TEST_CASE("a notification that finds nobody is not remembered", "[vthreads][condition]") {
  Mutex mutex;
  ConditionVariable condition;
  const auto notified = [&] {
    condition.notify_one();
    condition.notify_all();
    Lock lock(mutex);
    return condition.wait_for(lock, 1ms) || !lock.owns_lock();
  };
  CHECK_FALSE(notified());
  Scheduler scheduler;
  bool result = true;
  scheduler.start([&] { result = notified(); }).join();
  CHECK_FALSE(result);
}

TEST_CASE("a wait ends at its deadline, not before, and with the lock held",
          "[vthreads][condition]") {
  Mutex mutex;
  ConditionVariable condition;
  const auto wrong = [&] {
    int calls = 0, failures = 0;
    Lock lock(mutex);
    const auto deadline = Clock::now() + 3ms;
    failures += condition.wait_until(lock, deadline);
    failures += Clock::now() < deadline;
    failures += condition.wait_until(lock, deadline);  // past
    failures += condition.wait_for(lock, 1ms, [&] { return ++calls < 0; });
    failures += calls != 2;
    failures += !condition.wait_for(lock, 1ms, [&] { return ++calls == 4; });  // true in the end
    failures += !condition.wait_until(lock, deadline, [] { return true; });
    failures += !lock.owns_lock() || mutex.try_lock();
    return failures;
  };
  CHECK(wrong() == 0);
  Scheduler scheduler;
  int result = 1;
  scheduler.start([&] { result = wrong(); }).join();
  CHECK(result == 0);
}

TEST_CASE("who gives up takes no notification with it", "[vthreads][condition]") {
  Scheduler scheduler({.carriers = 1});
  Mutex mutex;
  ConditionVariable condition;
  std::string order;
  std::uint64_t parked = 0;
  std::vector<VThread> vthreads;
  const auto waits = [&](char name) {
    vthreads.push_back(scheduler.start([&, name] {
      Lock lock(mutex);
      condition.wait(lock);
      order += name;
    }));
    test::wait_until_parked(scheduler, ++parked);
  };
  waits('a');
  bool gave_up = false;
  test::Stoppable gives_up(scheduler, [&] {
    Lock lock(mutex);
    try {
      condition.wait(lock);
    } catch (const Stopped&) {
      gave_up = true;
    }
  });
  test::wait_until_parked(scheduler, ++parked);
  waits('b');
  gives_up.request_stop();
  gives_up.join();
  waits('c');
  condition.notify_one();
  vthreads[0].join();
  condition.notify_one();
  vthreads[1].join();
  condition.notify_all();
  vthreads[2].join();
  CHECK(gave_up);
  CHECK(order == "abc");
}

TEST_CASE("a stopped wait throws with the lock held, before and during the wait",
          "[vthreads][condition][stop]") {
  Scheduler scheduler;
  Mutex mutex;
  ConditionVariable condition;
  int thrown = 0;
  bool held = true, predicate_needs_no_wait = false;
  test::Stoppable waits(scheduler, [&] {
    Lock lock(mutex);
    for (int i = 0; i < 4; ++i) {
      try {
        if (i % 2 == 0) {
          condition.wait(lock);
        } else {
          condition.wait_for(lock, 1h, [] { return false; });
        }
      } catch (const Stopped&) {
        ++thrown;
      }
      held = held && lock.owns_lock() && !mutex.try_lock();
    }
    condition.wait(lock, [&] { return predicate_needs_no_wait = true; });
  });
  test::wait_until_parked(scheduler, 1);
  waits.request_stop();
  waits.join();
  CHECK(thrown == 4);
  CHECK(held);
  CHECK(predicate_needs_no_wait);
  CHECK(mutex.try_lock());
  mutex.unlock();
}

TEST_CASE("a wait that was notified and then stopped counts as notified",
          "[vthreads][condition][stop]") {
  Scheduler scheduler({.carriers = 1});
  Mutex mutex;
  ConditionVariable condition;
  bool notified = false, next_throws = false;
  test::Stoppable waits(scheduler, [&] {
    Lock lock(mutex);
    notified = condition.wait_for(lock, 1h);
    try {
      condition.wait(lock);
    } catch (const Stopped&) {
      next_throws = true;
    }
  });
  test::wait_until_parked(scheduler, 1);
  scheduler
      .start([&] {
        condition.notify_one();  // the only carrier is here: the waiter cannot run in between
        waits.request_stop();
      })
      .join();
  waits.join();
  CHECK(notified);
  CHECK(next_throws);
}

TEST_CASE("a wait that was notified before its deadline and runs after it counts as notified",
          "[vthreads][condition]") {
  test::in_time([](Deadline deadline) {
    Scheduler scheduler({.carriers = 1});
    Mutex mutex;
    ConditionVariable condition;
    bool notified = false, in_time = false;
    VThread waits = scheduler.start([&] {
      Lock lock(mutex);
      notified = condition.wait_until(lock, deadline);
    });
    test::wait_until_parked(scheduler, 1, deadline);
    scheduler
        .start([&] {
          condition.notify_one();
          in_time = test::hold_carrier_until(deadline);
        })
        .join();
    waits.join();
    if (in_time) CHECK(notified);
    return in_time;
  });
}

}  // namespace
}  // namespace vthreads
