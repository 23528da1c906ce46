#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <limits>
#include <map>
#include <new>
#include <utility>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_fixture.h"
#include "timer_ladder.h"

namespace vthreads::detail {
namespace {

using test::Random;

// The ladder never looks at a vthread, so any address will do for one.
ControlBlock* name(std::uint64_t number) {
  return reinterpret_cast<ControlBlock*>(number + 1);
}
Deadline at(std::int64_t ns) {
  return Deadline(std::chrono::nanoseconds(ns));
}

// A ladder beside the simplest thing that does the same.
class Checked {
 public:
  void add(std::int64_t ns) {
    const std::uint64_t order = added_++;
    ladder_.reserve();
    handles_.push_back(ladder_.add(at(ns), order, name(order)));
    model_.emplace(ns, order);  // equal keys stay in the order in which they came
  }

  // Removes what was added as number `order`, if it is still there. False if the two disagree.
  bool remove(std::uint64_t order, std::int64_t ns) {
    bool expected = false;
    const auto [begin, end] = model_.equal_range(ns);
    for (auto i = begin; i != end; ++i) {
      if (i->second != order) continue;
      model_.erase(i);
      expected = true;
      break;
    }
    return ladder_.remove(handles_[order], order) == expected && agrees();
  }

  bool pop() {
    find_first();
    const ControlBlock* expected = name(model_.begin()->second);
    model_.erase(model_.begin());
    return ladder_.pop_first() == expected && agrees();
  }

  bool agrees() {
    if (model_.empty()) return ladder_.empty() && !ladder_.has_first();
    find_first();
    return ladder_.first() == at(model_.begin()->first);
  }

  bool pop_all() {
    while (!model_.empty()) {
      if (!pop()) return false;
    }
    return agrees();
  }

  std::int64_t first() const { return model_.begin()->first; }
  std::size_t size() const { return model_.size(); }

 private:
  void find_first() {
    while (!ladder_.has_first()) ladder_.refine();
  }

  TimerLadder ladder_;
  std::multimap<std::int64_t, std::uint64_t> model_;
  std::vector<TimerLadder::Handle> handles_;  // by order
  std::uint64_t added_ = 0;
};

constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kHour = 3'600'000 * kMs;

// Distances from the present at which programs set deadlines, and some at which they do not.
std::int64_t some_distance(Random& random) {
  const auto below = [&](std::int64_t bound) {
    return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(bound)));
  };
  switch (random.below(8)) {
    case 0:
      return below(100);
    case 1:
      return below(kMs);
    case 2:
      return 1000 * kMs;
    case 3:
      return 1000 * kMs + below(1000);
    case 4:
      return below(30'000) * kMs;
    case 5:
      return below(kHour) * 24;
    case 6:
      return below(kHour) * 24 * 365;
    default:
      return -below(kMs);
  }
}

TEST_CASE("a ladder gives back what a sorted map does, whatever is added and removed",
          "[vthreads][timers]") {
  // How often out of 16 a step adds, removes, and else takes the first.
  for (const auto& [adds, removals] : {std::pair{8, 2}, {8, 7}, {12, 2}, {5, 5}}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      CAPTURE(adds, removals, seed);
      Random random(seed);
      Checked ladder;
      std::vector<std::int64_t> added;
      std::int64_t now = kHour;
      bool right = true;
      for (int step = 0; step < test::sized(20'000) && right; ++step) {
        const int dice = static_cast<int>(random.below(16));
        if (dice < adds || ladder.size() == 0) {
          added.push_back(now + some_distance(random));
          ladder.add(added.back());
          right = random.below(4) != 0 || ladder.agrees();
        } else if (dice < adds + removals) {
          // Mostly a recent one, as of waits that end before their deadline. It may be gone.
          const std::uint64_t back = random.below(random.below(2) == 0 ? 16 : added.size());
          const std::uint64_t order =
              added.size() - 1 - std::min<std::uint64_t>(back, added.size() - 1);
          right = ladder.remove(order, added[order]);
        } else {
          now = std::max(now, ladder.first());
          right = ladder.pop();
        }
      }
      CHECK(right);
      CHECK(ladder.pop_all());
    }
  }
}

TEST_CASE("a ladder keeps its order with deadlines of every shape", "[vthreads][timers]") {
  const int count = test::sized(20'000);
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const std::int64_t least = std::numeric_limits<std::int64_t>::min();
  Random random(3);
  Checked ladder;
  SECTION("all the same") {
    for (int i = 0; i < count; ++i) ladder.add(kHour);
  }
  SECTION("all the same, looked at in between, and added to") {
    for (int i = 0; i < count; ++i) {
      ladder.add(kHour);
      if (i % 1000 == 999) {
        for (int k = 0; k < 300; ++k) REQUIRE(ladder.pop());
      }
    }
  }
  SECTION("rising") {
    for (int i = 0; i < count; ++i) ladder.add(kHour + i * 100);
  }
  SECTION("falling, so that every one is the first") {
    for (int i = 0; i < count; ++i) {
      ladder.add(kHour - i * kMs);
      REQUIRE(ladder.agrees());
    }
  }
  SECTION("in heaps that lie at 1, 2, 4, 8 …, the farthest first: more rungs than there are") {
    for (int bit = 62; bit > 2; --bit) {
      for (int i = 0; i < 400; ++i) ladder.add((std::int64_t{1} << bit) + i % 100);
      REQUIRE(ladder.agrees());
    }
  }
  SECTION("from one end of time to the other") {
    for (int i = 0; i < 500; ++i) {
      ladder.add(most);
      ladder.add(least);
      ladder.add(most - i);
      ladder.add(least + i);
      ladder.add(static_cast<std::int64_t>(random.below(1000)) - 500);
    }
  }
  SECTION("short ones after the first of many long ones had to be found") {
    for (int i = 0; i < count; ++i) ladder.add(kHour + i);
    REQUIRE(ladder.agrees());
    for (int i = 0; i < count; ++i) ladder.add(kMs + static_cast<std::int64_t>(random.below(kMs)));
    REQUIRE(ladder.agrees());
  }
  SECTION("far ones added while others of that time are taken out") {
    for (int i = 0; i < 300; ++i) ladder.add(i);
    const auto far = [&] {
      return kHour + static_cast<std::int64_t>(random.below(1U << 30)) * 1000;
    };
    for (int i = 0; i < 3000; ++i) ladder.add(far());
    for (int i = 0; i < 600; ++i) REQUIRE(ladder.pop());
    for (int i = 0; i < 3000; ++i) {
      ladder.add(std::max(far(), ladder.first()));
      REQUIRE(ladder.pop());
    }
  }
  CHECK(ladder.pop_all());
}

TEST_CASE("a handle that has been used up removes nothing, not even once it is used again",
          "[vthreads][timers]") {
  TimerLadder ladder;
  ladder.reserve();
  const TimerLadder::Handle first = ladder.add(at(1), 0, name(0));
  CHECK(ladder.pop_first() == name(0));
  CHECK_FALSE(ladder.remove(first, 0));
  ladder.reserve();
  const TimerLadder::Handle second = ladder.add(at(1), 1, name(1));
  CHECK(second == first);
  CHECK_FALSE(ladder.remove(first, 0));
  CHECK(ladder.first() == at(1));
  CHECK(ladder.remove(second, 1));
  CHECK(ladder.empty());
  CHECK_FALSE(ladder.remove(TimerLadder::kNoHandle, 2));
}

TEST_CASE("a ladder that is empty hands back the memory of many, and goes on",
          "[vthreads][timers]") {
  TimerLadder ladder;
  std::uint64_t order = 0;
  for (int round = 0; round < 3; ++round) {
    const int start = round * 10'000;
    TimerLadder::Handle handle = TimerLadder::kNoHandle;
    for (int i = 0; i < 10'000; ++i) {
      ladder.reserve();
      handle = ladder.add(at(start + i), order, name(order));
      ++order;
    }
    CHECK(ladder.take_unused_memory().heap.capacity() == 0);  // not while there are entries
    for (int i = 0; i < 10'000; ++i) {
      while (!ladder.has_first()) ladder.refine();
      REQUIRE(ladder.first() == at(start + i));
      ladder.pop_first();
    }
    CHECK(ladder.take_unused_memory().heap.capacity() >= 10'000);
    CHECK_FALSE(ladder.remove(handle, order - 1));
  }
}

// In a process that may not have more memory: adds until reserve() fails, then takes everything out.
// The exit code says what went wrong.
int run_out_of_memory() {
  TimerLadder ladder;
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  statm >> pages;
  const rlim_t most = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) + (4U << 20);
  const rlimit limit{most, most};
  if (::setrlimit(RLIMIT_AS, &limit) != 0) return 1;
  Random random(5);
  std::uint64_t added = 0;
  try {
    for (;; ++added) {
      if (added == 10'000'000) return 2;
      ladder.reserve();
      ladder.add(at(static_cast<std::int64_t>(random.below(1U << 30))), added, name(added));
    }
  } catch (const std::bad_alloc&) {
  }
  if (added < 1000) return 3;
  Deadline before = Deadline::min();
  for (; !ladder.empty(); --added) {
    while (!ladder.has_first()) ladder.refine();
    if (ladder.first() < before) return 4;
    before = ladder.first();
    ladder.pop_first();
  }
  return added == 0 ? 0 : 5;
}

TEST_CASE("without memory for one more entry a ladder throws, and keeps and orders those it has",
          "[vthreads][timers]") {
  if (test::kAddressSanitizer || test::kThreadSanitizer) return;  // they need address space
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(run_out_of_memory());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace vthreads::detail
