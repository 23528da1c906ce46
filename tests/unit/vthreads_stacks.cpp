#include <atomic>
#include <cstring>
#include <system_error>
#include <vector>

#include "stack_pool.h"
#include "support/catch.h"
#include "support/vthreads_blocks.h"
#include "support/vthreads_fixture.h"

namespace vthreads {
namespace {

TEST_CASE("the stack that was released last is used first", "[vthreads][stack]") {
  test::Blocks blocks;
  detail::ControlBlock& a = *blocks.pool().acquire(1).pop_front();
  detail::ControlBlock& b = *blocks.pool().acquire(1).pop_front();
  CHECK(&a != &b);
  CHECK_FALSE(blocks.pool().release(a));
  CHECK_FALSE(blocks.pool().release(b));
  CHECK(&*blocks.pool().acquire(1).pop_front() == &b);
  CHECK(&*blocks.pool().acquire(1).pop_front() == &a);
  CHECK(blocks.pool().stacks_made() == 2);
}

TEST_CASE("a retired pool says when the last stack has come back", "[vthreads][stack]") {
  test::Blocks blocks;
  detail::ControlBlock& a = *blocks.pool().acquire(1).pop_front();
  detail::ControlBlock& b = *blocks.pool().acquire(1).pop_front();
  CHECK_FALSE(blocks.pool().retire());
  CHECK_FALSE(blocks.pool().release(a));
  CHECK(blocks.pool().release(b));
}

TEST_CASE("vthreads one after another share one stack", "[vthreads][stack]") {
  Scheduler scheduler({.carriers = 1});
  std::atomic<const void*> first{nullptr}, last{nullptr};
  for (int i = 0; i < 100; ++i) {
    scheduler
        .start([&, i] {
          int local = 0;
          const void* const here = &local;
          (i == 0 ? first : last) = here;
        })
        .join();
  }
  CHECK(first.load() == last.load());
}

TEST_CASE("most of the configured stack can be used", "[vthreads][stack]") {
  Config config;
  config.stack_bytes = 256 * 1024;
  Scheduler scheduler(config);
  std::atomic<int> sum{0};
  scheduler
      .start([&] {
        volatile char big[200 * 1024];
        for (std::size_t i = 0; i < sizeof big; i += 4096) big[i] = 1;
        for (std::size_t i = 0; i < sizeof big; i += 4096) sum += big[i];
      })
      .join();
  CHECK(sum == 50);
}

TEST_CASE("100,000 vthreads can be alive and parked at once", "[vthreads][stack]") {
  const int count = test::kThreadSanitizer ? 900 : 100000;
  Scheduler scheduler;
  std::atomic<int> parked{0}, done{0};
  std::vector<VThread> vthreads;
  for (int i = 0; i < count; ++i) {
    vthreads.push_back(scheduler.start([&] {
      ++parked;
      this_vthread::park();
      ++done;
    }));
  }
  test::wait_until([&] { return parked == count; });
  CHECK(done == 0);
  CHECK(scheduler.stats().vthreads_alive == static_cast<std::uint64_t>(count));
  for (VThread& vthread : vthreads) vthread.unpark();
  test::join_all(vthreads);
  CHECK(done == count);
  CHECK(scheduler.stats().vthreads_alive == 0);
}

}  // namespace
}  // namespace vthreads
