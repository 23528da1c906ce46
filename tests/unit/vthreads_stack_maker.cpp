// Stacks that are made before they are needed: how many, by whom, and when not.
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "stack_maker.h"
#include "stack_pool.h"
#include "support/catch.h"
#include "support/vthreads_blocks.h"
#include "support/vthreads_child.h"
#include "support/vthreads_fixture.h"
#include "vthreads/latch.h"

namespace vthreads {
namespace {

using detail::StackMaker;
using detail::StackPool;

constexpr std::size_t kCrowd = 2048;

// Takes that many out of the pool, for good.
void take(StackPool& pool, std::size_t wanted) {
  while (wanted > 0) wanted -= pool.acquire(std::min<std::size_t>(wanted, 64)).size();
}

// Calls crowded() while `count` vthreads of it are parked.
template <class Function>
void with_parked(Scheduler& scheduler, std::size_t count, Function crowded) {
  VThread all = scheduler.start([&] {
    Latch gate(1), arrived(static_cast<std::ptrdiff_t>(count));
    std::vector<VThread> crowd(count);
    for (VThread& vthread : crowd) {
      vthread = scheduler.start([&] {
        arrived.count_down();
        gate.wait();
      });
    }
    arrived.wait();
    crowded();
    gate.count_down();
    test::join_all(crowd);
  });
  scheduler.run();
  all.join();
}

TEST_CASE("a thousand stacks are prepared while a crowd takes them, and no more",
          "[vthreads][stack]") {
  test::Blocks blocks({.prepare = true});
  StackPool& pool = blocks.pool();
  take(pool, kCrowd);
  // It is asked again while fewer than half are ready.
  test::wait_until([&] { return pool.hot() >= StackMaker::kEnough / 2; });
  pool.stop_preparing();
  while (pool.make_more(StackMaker::kEnough)) {
  }
  CHECK(pool.hot() >= StackMaker::kEnough);
  CHECK(pool.hot() < StackMaker::kEnough + 64);
  const std::size_t made = pool.stacks_made();
  take(pool, pool.hot());
  CHECK(pool.stacks_made() == made);
}

TEST_CASE("after stop_preparing() stacks are made by who needs them only", "[vthreads][stack]") {
  test::Blocks blocks({.prepare = true});
  StackPool& pool = blocks.pool();
  pool.stop_preparing();
  take(pool, kCrowd);
  CHECK(pool.hot() == 0);
  CHECK(pool.stacks_made() == kCrowd);
}

TEST_CASE("the thread that prepares stacks comes with the first crowd and goes with the scheduler",
          "[vthreads][stack]") {
  const int before = test::os_threads();
  {
    Scheduler scheduler({.drive = Config::Drive::calling_thread, .prepare_stacks = true});
    int with_few = 0, with_many = 0;
    with_parked(scheduler, 100, [&] { with_few = test::os_threads(); });
    with_parked(scheduler, kCrowd, [&] { with_many = test::os_threads(); });
    CHECK(with_few == before);
    CHECK(with_many == before + 1);
  }
  CHECK(test::os_threads_become(before));
}

TEST_CASE("without prepare_stacks a crowd makes no OS thread", "[vthreads][stack]") {
  const int before = test::os_threads();
  Scheduler scheduler({.drive = Config::Drive::calling_thread});
  int with_many = 0;
  with_parked(scheduler, kCrowd, [&] { with_many = test::os_threads(); });
  CHECK(with_many == before);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// In a process of its own, in which no OS thread can be started: its stack would not fit into any address space.
int run_without_threads() {
  const int before = test::os_threads();
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  if (::pthread_attr_setstacksize(&attributes, std::size_t{1} << 50) != 0) return 1;
  if (::pthread_setattr_default_np(&attributes) != 0) return 2;
  std::size_t arrived = 0;
  {
    Scheduler scheduler({.drive = Config::Drive::calling_thread, .prepare_stacks = true});
    with_parked(scheduler, kCrowd, [&] { arrived = scheduler.stats().vthreads_alive; });
    if (test::os_threads() != before) return 3;
  }
  return arrived == kCrowd + 1 ? 0 : 4;
}

TEST_CASE("where no OS thread can be had a crowd starts without prepared stacks",
          "[vthreads][stack]") {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(run_without_threads());
  const test::Ended ended = test::wait_for(child);
  CHECK(ended.signal == 0);
  CHECK(ended.exit_code == 0);
}
#endif

}  // namespace
}  // namespace vthreads
