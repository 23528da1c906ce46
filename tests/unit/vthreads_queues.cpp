#include <atomic>
#include <thread>
#include <vector>

#include "stealing/inject_queue.h"
#include "stealing/run_queue.h"
#include "support/catch.h"
#include "support/vthreads_blocks.h"
#include "support/vthreads_fixture.h"

namespace vthreads::detail {
namespace {

using test::Blocks;

std::vector<ControlBlock*> make(Blocks& blocks, int n) {
  std::vector<ControlBlock*> made;
  for (int i = 0; i < n; ++i) made.push_back(&blocks.make());
  return made;
}

std::vector<ControlBlock*> drain(VThreadList list) {
  std::vector<ControlBlock*> all;
  while (ControlBlock* vthread = list.pop_front()) all.push_back(vthread);
  return all;
}

std::vector<ControlBlock*> drain(RunQueue& queue) {
  std::vector<ControlBlock*> all;
  while (ControlBlock* vthread = queue.pop()) all.push_back(vthread);
  return all;
}

using Row = std::vector<ControlBlock*>;

TEST_CASE("a run queue gives vthreads back in the order they came, however often it wraps",
          "[vthreads][queue]") {
  Blocks blocks;
  const Row v = make(blocks, 3);
  RunQueue queue(4);
  for (int round = 0; round < 10; ++round) {
    for (ControlBlock* vthread : v) queue.push(*vthread);
    CHECK_FALSE(queue.empty());
    CHECK(drain(queue) == v);
    CHECK(queue.empty());
  }
}

TEST_CASE("a run queue keeps the order when more come than its ring holds, grown or not",
          "[vthreads][queue]") {
  Blocks blocks;
  const Row v = make(blocks, 21);
  const std::uint32_t most_slots = GENERATE(4U, 8U, 64U);
  RunQueue queue(4, most_slots);
  for (std::size_t i = 0; i < 11; ++i) queue.push(*v[i]);
  Row seen;
  for (std::size_t i = 11; i < v.size(); ++i) {
    seen.push_back(queue.pop());
    queue.push(*v[i]);
  }
  for (ControlBlock* rest : drain(queue)) seen.push_back(rest);
  CHECK(seen == v);
  CHECK(queue.empty());
}

TEST_CASE("stealing takes the older half, rounded up, and leaves the rest", "[vthreads][queue]") {
  Blocks blocks;
  const Row v = make(blocks, 5);
  RunQueue victim(8), thief(8);
  for (ControlBlock* vthread : v) victim.push(*vthread);
  CHECK(thief.steal_half(victim) == 3);
  CHECK(drain(thief) == Row{v[0], v[1], v[2]});
  CHECK(drain(victim) == Row{v[3], v[4]});
  CHECK(thief.steal_half(victim) == 0);
}

TEST_CASE("of many vthreads pushed while two thieves steal each is taken exactly once",
          "[vthreads][queue]") {
  constexpr int kBlocks = test::sized(200);
  const int rounds = test::sized(200);
  Blocks blocks;
  const Row v = make(blocks, kBlocks);
  std::vector<std::atomic<int>> taken(kBlocks);
  const auto took = [&](ControlBlock& vthread) {
    taken[static_cast<std::size_t>(vthread.id)].fetch_add(1);
  };
  for (std::size_t i = 0; i < v.size(); ++i) v[i]->id = i;

  for (const std::uint32_t slots : {2U, 4U, 256U}) {
    RunQueue queue(slots, slots == 2 ? 2 : RunQueue::kMostSlots);
    std::atomic<bool> over{false};
    const auto thief = [&] {
      RunQueue own(slots);
      do {
        own.steal_half(queue);
        while (ControlBlock* vthread = own.pop()) took(*vthread);
      } while (!over.load() || !queue.empty());
    };
    for (int round = 0; round < rounds; ++round) {
      over = false;
      std::thread a(thief), b(thief);
      for (std::size_t i = 0; i < v.size(); ++i) {
        queue.push(*v[i]);
        if (i % 3 == 0) {
          if (ControlBlock* vthread = queue.pop()) took(*vthread);
        }
      }
      while (ControlBlock* vthread = queue.pop()) took(*vthread);
      over = true;
      a.join();
      b.join();
      for (auto& count : taken) REQUIRE(count.exchange(0) == 1);
    }
  }
}

TEST_CASE("the inject queue gives a fair share, at least one, at most what was asked",
          "[vthreads][queue]") {
  Blocks blocks;
  const Row v = make(blocks, 10);
  InjectQueue queue;
  CHECK(queue.take(2, 100).empty());
  VThreadList all;
  for (ControlBlock* vthread : v) all.push_back(*vthread);
  queue.push(std::move(all));
  CHECK(drain(queue.take(2, 100)) == Row{v.begin(), v.begin() + 6});
  CHECK(drain(queue.take(2, 1)) == Row{v[6]});
  CHECK(drain(queue.take(8, 100)) == Row{v[7]});
  CHECK_FALSE(queue.empty());
  CHECK(drain(queue.take(1, 100)) == Row{v[8], v[9]});
  CHECK(queue.empty());
}

}  // namespace
}  // namespace vthreads::detail
