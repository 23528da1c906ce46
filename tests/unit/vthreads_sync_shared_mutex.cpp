#include <atomic>
#include <chrono>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_crew.h"
#include "support/vthreads_fixture.h"
#include "support/vthreads_stop.h"
#include "vthreads/shared_mutex.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constinit SharedMutex global;  // needs no constructor at run time

bool is_free(SharedMutex& mutex) {
  if (!mutex.try_lock()) return false;
  mutex.unlock();
  return true;
}

TEST_CASE("a shared mutex lets in many readers or one writer", "[vthreads][shared_mutex]") {
  test::on_every_crew([](test::Crew& crew, test::Random&) {
    SharedMutex mutex;
    std::atomic<int> readers{0}, writers{0}, wrong{0};
    int count = 0;  // guarded by mutex
    for (int i = 0; i < 9; ++i) {
      crew.start([&, i] {
        for (int turn = 0; turn < test::sized(100); ++turn) {
          if ((turn + i) % 3 == 0) {
            const std::lock_guard lock(mutex);
            wrong += ++writers != 1 || readers != 0;
            if (turn % 5 == 0) this_vthread::yield();
            ++count;
            --writers;
          } else {
            const std::shared_lock lock(mutex);
            ++readers;
            wrong += writers != 0 || count < 0;
            if (turn % 7 == 0) this_vthread::yield();
            --readers;
          }
        }
      });
    }
    crew.join();
    CHECK(wrong == 0);
    CHECK(count == 3 * test::sized(100));
    CHECK(is_free(mutex));
  });
}

TEST_CASE("a shared mutex works with what the standard library does with mutexes",
          "[vthreads][shared_mutex]") {
  {
    const std::shared_lock one(global), two(global);
    CHECK_FALSE(is_free(global));
    CHECK(std::shared_lock(global, std::try_to_lock).owns_lock());
    CHECK_FALSE(std::unique_lock(global, 1ms).owns_lock());
    CHECK(std::shared_lock(global, 1ms).owns_lock());
  }
  {
    const std::scoped_lock lock(global);
    CHECK_FALSE(global.try_lock_shared());
    CHECK_FALSE(std::shared_lock(global, Clock::now() + 1ms).owns_lock());
  }
  CHECK(is_free(global));
}

TEST_CASE("readers that come after a writer wait behind it, and are let in together",
          "[vthreads][shared_mutex]") {
  Scheduler scheduler({.carriers = 1});
  SharedMutex mutex;
  std::string order;
  int together = 0, most_together = 0;
  std::vector<VThread> vthreads;
  mutex.lock_shared();
  for (const char name : {'w', 'r', 's', 'W', 't'}) {
    vthreads.push_back(scheduler.start([&, name] {
      if (name == 'w' || name == 'W') {
        const std::lock_guard lock(mutex);
        order += name;
      } else {
        const std::shared_lock lock(mutex);
        order += name;
        most_together = std::max(most_together, ++together);
        this_vthread::yield();
        --together;
      }
    }));
    test::wait_until_parked(scheduler, vthreads.size());
  }
  CHECK_FALSE(mutex.try_lock_shared());  // it would overtake the writer
  mutex.unlock_shared();
  test::join_all(vthreads);
  CHECK(order == "wrsWt");
  CHECK(most_together == 2);
  CHECK(is_free(mutex));
}

TEST_CASE("when a waiting writer gives up, the readers behind it are let in",
          "[vthreads][shared_mutex][stop]") {
  Scheduler scheduler({.carriers = 1});
  SharedMutex mutex;
  mutex.lock_shared();
  bool gave_up = false;
  test::Stoppable writer(scheduler, [&] {
    try {
      mutex.lock_interruptibly();
    } catch (const Stopped&) {
      gave_up = true;
    }
  });
  test::wait_until_parked(scheduler, 1);
  VThread reader = scheduler.start([&] { const std::shared_lock lock(mutex); });
  test::wait_until_parked(scheduler, 2);
  writer.request_stop();
  writer.join();
  reader.join();  // although this thread still holds it
  CHECK(gave_up);
  CHECK(mutex.try_lock_shared());
  mutex.unlock_shared();
  mutex.unlock_shared();
  CHECK(is_free(mutex));
}

TEST_CASE("timed locks give up at their deadline, and not before", "[vthreads][shared_mutex]") {
  Scheduler scheduler;
  SharedMutex mutex;
  mutex.lock();
  const auto wrong = [&] {
    int failures = 0;
    auto deadline = Clock::now() + 3ms;
    failures += mutex.try_lock_until(deadline) || Clock::now() < deadline;
    deadline = Clock::now() + 3ms;
    failures += mutex.try_lock_shared_until(deadline) || Clock::now() < deadline;
    failures += mutex.try_lock_for(1ms) || mutex.try_lock_shared_for(1ms);
    failures += mutex.lock_interruptibly(deadline) || mutex.lock_shared_interruptibly(deadline);
    return failures;
  };
  CHECK(wrong() == 0);
  int result = 1;
  scheduler.start([&] { result = wrong(); }).join();
  CHECK(result == 0);
  mutex.unlock();
  CHECK(mutex.try_lock_shared_until(Clock::now() - 1s));  // nothing to wait for
  mutex.unlock_shared();
  CHECK(is_free(mutex));
}

TEST_CASE("a stop ends the interruptible locks only", "[vthreads][shared_mutex][stop]") {
  for (const bool shared : {false, true}) {
    CAPTURE(shared);
    Scheduler scheduler;
    SharedMutex mutex;
    std::atomic<int> thrown{0};
    std::atomic<bool> locked{false};
    mutex.lock();
    test::Stoppable waits(scheduler, [&] {
      for (int i = 0; i < 2;
           ++i) {  // the first is in its wait when it is stopped, the second begins one
        try {
          shared ? mutex.lock_shared_interruptibly() : mutex.lock_interruptibly();
        } catch (const Stopped&) {
          ++thrown;
        }
      }
      shared ? mutex.lock_shared() : mutex.lock();
      locked = true;
      shared ? mutex.unlock_shared() : mutex.unlock();
    });
    test::wait_until_parked(scheduler, 1);
    waits.request_stop();
    test::wait_until_parked(scheduler, 2);  // it waits again, in spite of the stop
    CHECK(thrown == 2);
    CHECK_FALSE(locked);
    mutex.unlock();
    waits.join();
    CHECK(locked);
    CHECK(is_free(mutex));
  }
}

}  // namespace
}  // namespace vthreads
