#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <set>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "carrier.h"
#include "stack_memory.h"
#include "stack_pool.h"
#include "support/catch.h"
#include "support/vthreads_blocks.h"
#include "support/vthreads_child.h"
#include "support/vthreads_fixture.h"

namespace vthreads {
namespace {

TEST_CASE("the stack that was released last is used first", "[vthreads][stack]") {
  test::Blocks blocks;
  detail::ControlBlock& a = blocks.pool().acquire();
  detail::ControlBlock& b = blocks.pool().acquire();
  CHECK(&a != &b);
  CHECK_FALSE(blocks.pool().release(a));
  CHECK_FALSE(blocks.pool().release(b));
  CHECK(&blocks.pool().acquire() == &b);
  CHECK(&blocks.pool().acquire() == &a);
  CHECK(blocks.pool().stacks_made() == 2);
}

TEST_CASE("a retired pool says when the last stack has come back", "[vthreads][stack]") {
  test::Blocks blocks;
  detail::ControlBlock& a = blocks.pool().acquire();
  detail::ControlBlock& b = blocks.pool().acquire();
  CHECK_FALSE(blocks.pool().retire());
  CHECK_FALSE(blocks.pool().release(a));
  CHECK(blocks.pool().release(b));
}

TEST_CASE("a batch that was released last is used first, in its order", "[vthreads][stack]") {
  test::Blocks blocks;
  detail::StackPool& pool = blocks.pool();
  std::vector<detail::ControlBlock*> all;
  while (all.size() < 200) all.push_back(&pool.acquire());
  for (std::size_t i = 0; i < 200;) {
    detail::VThreadList batch;
    for (const std::size_t end = i + 50; i < end; ++i) batch.push_back(*all[i]);
    CHECK_FALSE(pool.release(std::move(batch)));
  }
  detail::VThreadList last = pool.acquire(64);
  CHECK(last.size() == 50);
  for (std::size_t i = 150; i < 200; ++i) CHECK(last.pop_front() == all[i]);
  detail::VThreadList part = pool.acquire(20);
  CHECK(part.size() == 20);
  for (std::size_t i = 100; i < 120; ++i) CHECK(part.pop_front() == all[i]);
  CHECK(&pool.acquire() == all[120]);
  std::size_t rest = 0;
  while (rest < 129) rest += pool.acquire(64).size();
  CHECK(rest == 129);
  CHECK(pool.stacks_made() == 200);
}

TEST_CASE("few stacks are made while few are out, however many are asked for",
          "[vthreads][stack]") {
  test::Blocks blocks;
  CHECK(blocks.pool().acquire(64).size() == 1);
  CHECK(blocks.pool().stacks_made() == 1);
  std::size_t out = 1, calls = 1;
  for (; out < 500; ++calls) {
    const std::size_t more = blocks.pool().acquire(64).size();
    CHECK(more >= 1);
    CHECK(more <= 1 + out / 4);
    out += more;
  }
  CHECK(blocks.pool().stacks_made() == out);
  CHECK(calls < 50);
}

TEST_CASE("stacks are an odd number of pages apart, and their tops have 16 colours",
          "[vthreads][stack]") {
  const std::size_t bytes = GENERATE(0, 65536, 65537, 69632, 1000000);
  test::Blocks blocks({.bytes = bytes});
  const std::size_t stride = blocks.pool().layout().stride;
  CHECK(stride % 4096 == 0);
  CHECK(stride / 4096 % 2 == 1);
  CHECK(stride >= bytes);
  CHECK(stride <= std::max(bytes, kMinStackBytes) + 2 * 4096);
  std::vector<std::uintptr_t> places;
  std::set<std::uintptr_t> colours, pages;
  for (int i = 0; i < 64; ++i) {
    places.push_back(reinterpret_cast<std::uintptr_t>(&blocks.make()));
    colours.insert(places.back() % 4096 / 64);
    pages.insert(places.back() / 4096);
  }
  CHECK(colours.size() == 16);
  CHECK(pages.size() == 64);
  for (std::size_t i = 0; i < 48; ++i) CHECK(places[i + 16] - places[i] == 16 * stride);
}

TEST_CASE("slabs grow, so that many stacks need few mappings", "[vthreads][stack]") {
  const std::size_t count = test::kThreadSanitizer ? 500 : 20000;
  test::Blocks blocks({.guard = Config::Guard::automatic});
  for (std::size_t out = 0; out < count; out += blocks.pool().acquire(64).size()) {
  }
  CHECK(blocks.pool().slabs() <= (test::kThreadSanitizer ? 5 : 11));
}

// A carrier for one vthread.
class CarrierForOne final : public detail::Carrier {
 public:
  CarrierForOne(detail::SchedulerCore& core, detail::ControlBlock& vthread)
      : Carrier(core, 0, 2), vthread_(&vthread) {}
  detail::Timers& timers() override { return timers_; }

 protected:
  detail::ControlBlock* look_around() override { return nullptr; }
  detail::ControlBlock* find() override { return std::exchange(vthread_, nullptr); }

 private:
  detail::ControlBlock* vthread_;
  detail::Timers timers_;
};

// Uses `bytes` of the stack of a vthread that is run here and now.
void run_on(detail::ControlBlock& block, std::size_t bytes) {
  bool ran = false;
  block.begin(1);
  block.body.emplace([&ran, bytes] {
    auto* const frame = static_cast<volatile char*>(__builtin_alloca(bytes));
    for (std::size_t i = 0; i < bytes; i += 1024) frame[i] = 1;
    ran = true;
  });
  block.change(State::runnable);
  CarrierForOne(block.scheduler, block).run();
  CHECK(ran);
  CHECK(block.state() == State::done);
}

TEST_CASE("trimming gives the memory of free stacks back, and they can be used again",
          "[vthreads][stack]") {
  const std::size_t count = 500, deep = 40000;
  test::Blocks blocks({.bytes = 65536});
  detail::StackPool& pool = blocks.pool();
  detail::VThreadList all;
  while (all.size() < count) all.append(pool.acquire(64));
  const std::size_t shallow_bytes = test::status_bytes("RssAnon");
  detail::VThreadList used;
  while (detail::ControlBlock* block = all.pop_front()) {
    run_on(*block, deep);
    used.push_back(*block);
  }
  const std::size_t made = used.size();
  const std::size_t deep_bytes = test::status_bytes("RssAnon");
  if (!test::kThreadSanitizer) CHECK(deep_bytes >= shallow_bytes + count * (deep - 8192));
  pool.release(std::move(used));

  CHECK(pool.trim(made) == 0);  // all stay hot, but not what is deep in them
  const std::size_t top_bytes = test::status_bytes("RssAnon");
  CHECK(top_bytes + count * (deep - 16384) <= deep_bytes);

  CHECK(pool.trim(10) == made - 10);
  CHECK(pool.stacks_made() == 10);
  CHECK(pool.slabs() == 1);
  CHECK(test::status_bytes("RssAnon") + count * 3600 <= top_bytes);

  for (std::size_t i = 0; i < count; ++i) run_on(pool.acquire(), deep);
  CHECK(pool.stacks_made() == count);
}

TEST_CASE("trimming leaves those used last, and stops where it is told to", "[vthreads][stack]") {
  test::Blocks blocks;
  detail::StackPool& pool = blocks.pool();
  std::vector<detail::ControlBlock*> all;
  while (all.size() < 150) all.push_back(&pool.acquire());
  for (detail::ControlBlock* block : all) pool.release(*block);
  CHECK(pool.trim(0, 0) == 0);
  CHECK(pool.trim(0, 70) == 70);
  CHECK(pool.stacks_made() == 80);
  CHECK(pool.trim(20) == 60);
  for (std::size_t i = 0; i < 20; ++i) CHECK(&pool.acquire() == all[149 - i]);
  CHECK(pool.trim(0) == 0);
}

TEST_CASE("stacks are taken, returned and trimmed by many at once", "[vthreads][stack]") {
  test::Blocks blocks;
  detail::StackPool& pool = blocks.pool();
  std::atomic<int> wrong{0}, finished{0};
  std::vector<std::thread> threads;
  for (std::uint64_t self = 1; self <= 3; ++self) {
    threads.emplace_back([&, self] {
      test::Random random(self);
      for (int turn = test::sized(2000); turn > 0; --turn) {
        detail::VThreadList mine = pool.acquire(1 + random.below(64)), checked;
        while (detail::ControlBlock* block = mine.pop_front()) {
          if (block->id > 3) ++wrong;
          block->id = self;
          checked.push_back(*block);
        }
        while (detail::ControlBlock* block = checked.pop_front()) {
          if (block->id != self) ++wrong;
          mine.push_back(*block);
        }
        pool.release(std::move(mine));
      }
      ++finished;
    });
  }
  while (finished < 3) pool.trim(8, 32);
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  pool.trim(0);
  CHECK(pool.stacks_made() == 0);
  CHECK(pool.retire());
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// In a process of its own: its address space is limited. The exit code is the step that failed.
int run_out_of_memory() {
  test::Blocks blocks({.bytes = std::size_t{1} << 20, .guard = Config::Guard::none});
  detail::StackPool& pool = blocks.pool();
  rlimit before{};
  ::getrlimit(RLIMIT_AS, &before);
  const rlimit little{test::status_bytes("VmSize") + (std::size_t{100} << 20), before.rlim_max};
  if (::setrlimit(RLIMIT_AS, &little) != 0) return 1;
  std::size_t out = 0;
  for (int failures = 0; failures < 2;) {  // the second time it fails in the same way
    try {
      out += pool.acquire(64).size();
    } catch (const std::system_error& error) {
      if (error.code() != std::errc::not_enough_memory) return 2;
      ++failures;
    }
    if (out > 1000) return 3;
  }
  if (out < 80 || pool.stacks_made() != out) return 4;  // slabs got smaller until it was full
  if (::setrlimit(RLIMIT_AS, &before) != 0) return 5;
  while (out < 300) out += pool.acquire(64).size();
  return pool.stacks_made() == out ? 0 : 6;
}

TEST_CASE("a pool without memory says so, and goes on when there is some", "[vthreads][stack]") {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(run_out_of_memory());
  const test::Ended ended = test::wait_for(child);
  CHECK(ended.signal == 0);
  CHECK(ended.exit_code == 0);
}

TEST_CASE("a parked vthread costs one page and its share of the page tables", "[vthreads][stack]") {
  const std::size_t count = 50000;
  Scheduler scheduler({.carriers = 1});
  std::atomic<std::size_t> parked{0};
  std::vector<VThread> vthreads;
  vthreads.reserve(count);
  const auto start = [&] {
    vthreads.push_back(scheduler.start([&] {
      ++parked;
      this_vthread::park();
    }));
  };
  while (vthreads.size() < count / 10) start();  // what is needed once, is there then
  test::wait_until([&] { return parked == vthreads.size(); });
  const auto bytes = [] { return test::status_bytes("RssAnon") + test::status_bytes("VmPTE"); };
  const std::size_t before = bytes();
  while (vthreads.size() < count) start();
  test::wait_until([&] { return parked == vthreads.size(); });
  const std::size_t each = (bytes() - before) / (count - count / 10);
  CHECK(each >= 4096);
  CHECK(each <= 4400);
  for (VThread& vthread : vthreads) vthread.unpark();
  test::join_all(vthreads);
}
#endif

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

// Of the pages of these addresses. Not by RssAnon: a sanitizer's own memory about the stacks grows meanwhile.
std::size_t resident(const std::vector<std::atomic<std::byte*>>& addresses) {
  const std::uintptr_t page_bytes = detail::page_bytes();
  std::size_t pages = 0;
  for (const std::atomic<std::byte*>& place : addresses) {
    std::byte* const address = place;
    unsigned char there = 0;
    std::byte* const page = address - reinterpret_cast<std::uintptr_t>(address) % page_bytes;
    if (::mincore(page, 1, &there) == 0) pages += there & 1;  // ENOMEM: no longer mapped
  }
  return pages;
}

Config trims_soon(Config::Kind kind, unsigned carriers) {
  Config config;
  config.kind = kind;
  config.carriers = carriers;
  config.trim_every = std::chrono::milliseconds(20);
  return config;
}

TEST_CASE(
    "stacks that are not needed for a while give their memory back, once all carriers are idle",
    "[vthreads][stack]") {
  const std::size_t count = test::kThreadSanitizer ? 2000 : 20000;
  const auto kind = GENERATE(Config::Kind::stealing, Config::Kind::gmp);
  for (const unsigned carriers : {1U, 2U}) {
    CAPTURE(static_cast<int>(kind), carriers);
    Scheduler scheduler(trims_soon(kind, carriers));
    std::vector<std::atomic<std::byte*>> frames(count);
    std::vector<VThread> vthreads;
    for (std::atomic<std::byte*>& frame : frames) {
      vthreads.push_back(scheduler.start([&frame] {
        frame = static_cast<std::byte*>(__builtin_frame_address(0));
        this_vthread::park();
      }));
    }
    test::wait_until([&] { return scheduler.stats().parks == count; });
    CHECK(resident(frames) == count);
    for (VThread& vthread : vthreads) vthread.unpark();
    test::join_all(vthreads);
    test::wait_until([&] { return resident(frames) < count / 2; });
  }
}

TEST_CASE("stacks that come back after all carriers have fallen asleep give their memory back, too",
          "[vthreads][stack]") {
  const std::size_t count = 2000;
  const auto kind = GENERATE(Config::Kind::stealing, Config::Kind::gmp);
  for (const unsigned carriers : {1U, 2U}) {
    CAPTURE(static_cast<int>(kind), carriers);
    Scheduler scheduler(trims_soon(kind, carriers));
    std::vector<std::atomic<std::byte*>> frames(count);
    std::vector<VThread> ended;
    for (std::atomic<std::byte*>& frame : frames) {
      ended.push_back(scheduler.start(
          [&frame] { frame = static_cast<std::byte*>(__builtin_frame_address(0)); }));
    }
    test::wait_until([&] { return scheduler.stats().vthreads_alive == 0; });
    test::wait_until_others_sleep();
    CHECK(resident(frames) == count);
    test::join_all(ended);  // until then a handle keeps its stack
    test::wait_until([&] { return resident(frames) < count / 2; });
  }
}

}  // namespace
}  // namespace vthreads
