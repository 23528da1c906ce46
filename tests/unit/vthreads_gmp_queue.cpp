// vthreads_gmp_queue.cpp — the local queue of a P alone: slot, ring, half away, half stolen.
#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "gmp/local_queue.h"
#include "support/catch.h"
#include "support/vthreads_blocks.h"
#include "support/vthreads_fixture.h"

namespace vthreads::detail::gmp {
namespace {

std::vector<G*> make(test::Blocks& blocks, int count) {
  std::vector<G*> gs;
  for (int i = 0; i < count; ++i) gs.push_back(&blocks.make());
  return gs;
}

TEST_CASE("the next slot holds one, and gives back who was there", "[vthreads][gmp]") {
  test::Blocks blocks;
  const auto g = make(blocks, 2);
  LocalQueue queue(4);
  CHECK(queue.empty());
  CHECK(queue.put_next(*g[0]) == nullptr);
  CHECK_FALSE(queue.empty());
  CHECK(queue.put_next(*g[1]) == g[0]);
  CHECK(queue.take() == nullptr);
  CHECK(queue.take_next() == g[1]);
  CHECK(queue.take_next() == nullptr);
  CHECK(queue.empty());
}

TEST_CASE("a ring is first in, first out, for longer than it has slots", "[vthreads][gmp]") {
  test::Blocks blocks;
  const auto g = make(blocks, 4);
  LocalQueue queue(4);
  for (int round = 0; round < 5; ++round) {
    for (std::size_t i = 0; i < 3; ++i) REQUIRE(queue.put(*g[i]));
    for (std::size_t i = 0; i < 3; ++i) CHECK(queue.take() == g[i]);
  }
  CHECK(queue.take() == nullptr);
}

TEST_CASE("a full ring gives its older half away, one that is not full nothing",
          "[vthreads][gmp]") {
  test::Blocks blocks;
  const auto g = make(blocks, 5);
  LocalQueue queue(4);
  for (std::size_t i = 0; i < 3; ++i) REQUIRE(queue.put(*g[i]));
  CHECK(queue.take_half().empty());
  REQUIRE(queue.put(*g[3]));
  CHECK_FALSE(queue.put(*g[4]));
  VThreadList half = queue.take_half();
  CHECK(half.size() == 2);
  CHECK(half.pop_front() == g[0]);
  CHECK(half.pop_front() == g[1]);
  CHECK(queue.put(*g[4]));
  for (std::size_t i = 2; i < 5; ++i) CHECK(queue.take() == g[i]);
}

TEST_CASE(
    "a thief gets half of the ring, and the next slot only if that is all there is and it may",
    "[vthreads][gmp]") {
  test::Blocks blocks;
  const auto g = make(blocks, 6);
  LocalQueue victim(8), thief(8);
  std::uint32_t taken = 0;
  for (std::size_t i = 0; i < 5; ++i) REQUIRE(victim.put(*g[i]));
  victim.put_next(*g[5]);
  CHECK(thief.steal(victim, true, taken) == g[2]);
  CHECK(taken == 3);
  CHECK(thief.take() == g[0]);
  CHECK(thief.take() == g[1]);
  CHECK(thief.steal(victim, false, taken) == g[3]);
  CHECK(thief.steal(victim, false, taken) == g[4]);
  CHECK(thief.steal(victim, false, taken) == nullptr);
  CHECK(taken == 5);
  CHECK(thief.steal(victim, true, taken) == g[5]);
  CHECK(taken == 6);
  CHECK(victim.empty());
  CHECK(thief.empty());
}

TEST_CASE("with an owner and thieves at work every G comes out exactly once", "[vthreads][gmp]") {
  test::Blocks blocks;
  constexpr int kCount = 20;
  const auto g = make(blocks, kCount);
  std::vector<std::atomic<int>> out(kCount);
  const auto index_of = [&](const G* which) {
    for (std::size_t i = 0; i < g.size(); ++i) {
      if (g[i] == which) return i;
    }
    return g.size();
  };
  for (int round = 0; round < test::sized(300); ++round) {
    LocalQueue victim(8);
    std::atomic<bool> over{false};
    const auto count_out = [&](const G* which) {
      if (which != nullptr) ++out[index_of(which)];
    };
    std::vector<std::thread> thieves;
    for (int i = 0; i < 2; ++i) {
      thieves.emplace_back([&] {
        LocalQueue own(8);
        std::uint32_t taken = 0;
        while (!over || !victim.empty()) {
          count_out(own.steal(victim, over, taken));
          while (const G* const which = own.take()) count_out(which);
        }
      });
    }
    for (int i = 0; i < kCount; ++i) {
      G* kicked_out = victim.put_next(*g[static_cast<std::size_t>(i)]);
      while (kicked_out != nullptr && !victim.put(*kicked_out)) {
        VThreadList half = victim.take_half();
        while (const G* const which = half.pop_front()) count_out(which);
      }
      if (i % 3 == 0) count_out(victim.take());
    }
    over = true;
    for (std::thread& thief : thieves) thief.join();
  }
  for (const auto& times : out) CHECK(times == test::sized(300));
}

}  // namespace
}  // namespace vthreads::detail::gmp
