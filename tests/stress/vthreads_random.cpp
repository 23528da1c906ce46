// vthreads_random.cpp — random programs of vthreads under random schedules, with replay.
//
// A seed is a program and a schedule. The program is a tree of vthreads, each with a list of actions chosen by the
// seed and its place in the tree; each action adds something known to its result. So expected() computes by
// plain recursion what run() must compute by many vthreads, in whatever order they run.
//
// Rule      On one carrier, driven by the calling thread, and without actions that depend on the clock, the
//           schedule is a function of the seed: that is checked too.
// Replay    VTHREADS_SEED=n runs that seed alone; VTHREADS_ROUNDS=n how many seeds (tests/README.md).

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_fixture.h"
#include "vthreads/blocking.h"
#include "vthreads/local.h"
#include "vthreads/scope.h"
#if __has_include("vthreads/mutex.h")
#include "vthreads/mutex.h"
#endif

namespace vthreads {
namespace {

using namespace std::chrono_literals;
using test::Random;

#if __has_include("vthreads/mutex.h")
using Lock = Mutex;
#else
// Until there is one: waits by yielding.
class Lock {
 public:
  void lock() {
    while (held_.exchange(true)) this_vthread::yield();
  }
  void unlock() { held_.store(false); }

 private:
  std::atomic<bool> held_{false};
};
#endif

enum class Action : std::uint8_t {
  yield,
  start_and_join,  // children, joined in another order
  detach,          // a child that is waited for by its own signal
  ping_pong,       // with a child, by park and unpark
  scope,           // children in a scope
  failing_scope,   // one fails, the others wait to be stopped
  stop,            // a child that waits for ever, and is asked to stop
  fail,            // a child whose exception comes out of join
  count_under_lock,
  local_value,
  pinned_wait,
  masked_wait,
  sleep,  // from here on: depends on the clock
  timed_park,
  block,
  number_of_actions
};

struct World {
  Scheduler& scheduler;
  bool timed;
  std::vector<std::uint64_t>* trace = nullptr;
  Lock lock{};
  std::uint64_t counter = 0;  // guarded by lock
};

// A place in the tree; chooses the same whenever it is asked.
struct Node {
  std::uint64_t seed;
  int depth;

  Node child(std::uint64_t number) const {
    return {Random(seed * 31 + number * 0x9e3779b97f4a7c15U + 7).below(1U << 31), depth - 1};
  }
};

Action choose(Random& random, bool timed) {
  const Action end = timed ? Action::number_of_actions : Action::sleep;
  return static_cast<Action>(random.below(static_cast<std::uint64_t>(end)));
}

struct Choice {
  Action action;
  std::uint64_t number;  // what it means depends on the action
};

std::vector<Choice> choices(const Node& node, bool timed) {
  Random random(node.seed);
  std::vector<Choice> all(1 + random.below(5));
  for (Choice& choice : all) {
    choice.action = choose(random, timed);
    choice.number = 1 + random.below(4);
  }
  return all;
}

// How many children the action has that compute something.
std::uint64_t children_of(const Node& node, const Choice& choice) {
  if (node.depth == 0) return 0;
  switch (choice.action) {
    case Action::start_and_join:
    case Action::scope:
    case Action::failing_scope:
      return choice.number;
    case Action::detach:
    case Action::fail:
      return 1;
    default:
      return 0;
  }
}

std::uint64_t expected(const Node& node, bool timed) {
  std::uint64_t sum = node.seed;
  std::uint64_t number = 0;
  for (const Choice& choice : choices(node, timed)) {
    sum += static_cast<std::uint64_t>(choice.action) + choice.number;
    for (std::uint64_t i = children_of(node, choice); i > 0; --i)
      sum += expected(node.child(number++), timed);
  }
  return sum;
}

std::uint64_t run(World& world, const Node& node);

VThreadLocal<std::uint64_t>& local_number() {
  static VThreadLocal<std::uint64_t> number;
  return number;
}

// 0 if right, else something that spoils the sum.
constexpr std::uint64_t kWrong = std::uint64_t{1} << 60;

std::uint64_t start_and_join(World& world, const std::vector<Node>& children, bool backwards) {
  std::vector<std::uint64_t> results(children.size());
  std::vector<VThread> vthreads;
  for (std::size_t i = 0; i < children.size(); ++i) {
    vthreads.push_back(world.scheduler.start([&, i] { results[i] = run(world, children[i]); }));
  }
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < children.size(); ++i) {
    const std::size_t index = backwards ? children.size() - 1 - i : i;
    vthreads[index].join();
    sum += results[index];
  }
  return sum;
}

std::uint64_t detach(World& world, const std::vector<Node>& children) {
  std::uint64_t sum = 0;
  std::atomic<bool> done{false};
  for (const Node& child : children) {
    world.scheduler
        .start([&, owner = this_vthread::current()] {
          sum += run(world, child);
          done.store(true, std::memory_order_release);
          owner.unpark();  // by a reference of its own: the owner may have seen it already
        })
        .detach();
    while (!done.exchange(false, std::memory_order_acquire)) this_vthread::park();
  }
  return sum;
}

std::uint64_t ping_pong(World& world, std::uint64_t turns) {
  std::atomic<std::uint64_t> ball{0};
  VThread other = world.scheduler.start([&, owner = this_vthread::current()] {
    for (std::uint64_t turn = 0; turn < turns; ++turn) {
      while (ball.load() != 2 * turn + 1) this_vthread::park();
      ball.store(2 * turn + 2);
      owner.unpark();
    }
  });
  for (std::uint64_t turn = 0; turn < turns; ++turn) {
    ball.store(2 * turn + 1);
    other.unpark();
    while (ball.load() != 2 * turn + 2) this_vthread::park();
  }
  other.join();
  return ball == 2 * turns ? 0 : kWrong;
}

std::uint64_t in_scope(World& world, const std::vector<Node>& children, bool fails) {
  std::vector<std::uint64_t> results(children.size());
  std::atomic<std::size_t> done{0}, stopped{0};
  bool failed = false;
  const StopMask mask;  // a node is never asked to stop, but an owner above it may be, in `fail`
  Scope scope(world.scheduler);
  for (std::size_t i = 0; i < children.size(); ++i) {
    scope.start([&, i] {
      results[i] = run(world, children[i]);
      ++done;
    });
  }
  if (fails) {
    for (int i = 0; i < 2; ++i) {
      scope.start([&] {
        try {
          for (;;) this_vthread::park();
        } catch (const Stopped&) {
          ++stopped;
          throw;
        }
      });
    }
    while (done != children.size()) this_vthread::yield();
    scope.start([] { throw std::runtime_error("on purpose"); });
  }
  try {
    scope.join();
  } catch (const std::runtime_error&) {
    failed = true;
  }
  std::uint64_t sum = 0;
  for (const std::uint64_t result : results) sum += result;
  return failed == fails && stopped == (fails ? 2U : 0U) ? sum : kWrong;
}

std::uint64_t stop_one(World& world, std::uint64_t how) {
  std::atomic<bool> stopped{false};
  VThread other = world.scheduler.start([&] {
    try {
      if (how % 2 == 0) {
        this_vthread::sleep_for(1h);
      } else {
        for (;;) this_vthread::park();
      }
    } catch (const Stopped&) {
      stopped = true;
    }
  });
  for (std::uint64_t i = 1; i < how; ++i) this_vthread::yield();
  other.request_stop();
  if (how > 2) other.unpark();
  other.join();
  return stopped ? 0 : kWrong;
}

std::uint64_t fail(World& world, const std::vector<Node>& children) {
  std::uint64_t sum = 0;
  VThread other = world.scheduler.start([&] {
    for (const Node& child : children) sum += run(world, child);
    throw std::runtime_error("on purpose");
  });
  try {
    other.join();
  } catch (const std::runtime_error&) {
    return sum;
  }
  return kWrong;
}

std::uint64_t count_under_lock(World& world, std::uint64_t times) {
  for (std::uint64_t i = 0; i < times; ++i) {
    world.lock.lock();
    const std::uint64_t seen = world.counter;
    if (i % 2 == 0) this_vthread::yield();
    world.counter = seen + 1;
    world.lock.unlock();
  }
  return 0;
}

std::uint64_t use_local_value(std::uint64_t number) {
  std::uint64_t& mine = *local_number();
  mine += number;
  const std::uint64_t seen = mine;
  this_vthread::yield();
  return mine == seen && &*local_number() == &mine ? 0 : kWrong;
}

std::uint64_t pinned_wait(World& world) {
  // With calling_thread a pinned vthread holds all others: so the permit comes first.
  const Pin pin;
  const int before = this_vthread::carrier_tid();
  this_vthread::current().unpark();
  this_vthread::park();
  this_vthread::yield();
  static_cast<void>(world);
  return before == this_vthread::carrier_tid() ? 0 : kWrong;
}

std::uint64_t masked_wait(World& world) {
  std::atomic<bool> unparked{false};
  VThread other = world.scheduler.start([&] {
    const StopMask mask;
    this_vthread::park();
    unparked = true;
  });
  other.request_stop();
  this_vthread::yield();
  other.unpark();
  other.join();
  return unparked ? 0 : kWrong;
}

std::uint64_t timed_park(std::uint64_t number) {
  const Deadline deadline = deadline_after(std::chrono::microseconds(20 * number));
  const bool unparked = this_vthread::park_until(deadline);
  return unparked || std::chrono::steady_clock::now() >= deadline ? 0 : kWrong;
}

std::uint64_t perform(World& world, const Choice& choice, const std::vector<Node>& children) {
  switch (choice.action) {
    case Action::yield:
      for (std::uint64_t i = 0; i < choice.number; ++i) this_vthread::yield();
      return 0;
    case Action::start_and_join:
      return start_and_join(world, children, choice.number % 2 == 0);
    case Action::detach:
      return detach(world, children);
    case Action::ping_pong:
      return ping_pong(world, choice.number);
    case Action::scope:
      return in_scope(world, children, false);
    case Action::failing_scope:
      return in_scope(world, children, true);
    case Action::stop:
      return stop_one(world, choice.number);
    case Action::fail:
      return fail(world, children);
    case Action::count_under_lock:
      return count_under_lock(world, choice.number);
    case Action::local_value:
      return use_local_value(choice.number);
    case Action::pinned_wait:
      return pinned_wait(world);
    case Action::masked_wait:
      return masked_wait(world);
    case Action::sleep:
      this_vthread::sleep_for(std::chrono::microseconds(10 * choice.number));
      return 0;
    case Action::timed_park:
      return timed_park(choice.number);
    case Action::block:
      blocking([] { std::this_thread::yield(); });
      return 0;
    case Action::number_of_actions:
      break;
  }
  return kWrong;
}

std::uint64_t run(World& world, const Node& node) {
  std::uint64_t sum = node.seed;
  std::uint64_t number = 0;
  for (const Choice& choice : choices(node, world.timed)) {
    if (world.trace != nullptr) world.trace->push_back(node.seed);
    std::vector<Node> children;
    for (std::uint64_t i = children_of(node, choice); i > 0; --i)
      children.push_back(node.child(number++));
    sum += static_cast<std::uint64_t>(choice.action) + choice.number;
    sum += perform(world, choice, children);
  }
  return sum;
}

// --- seeds and shapes ------------------------------------------------------------------------------

std::optional<std::uint64_t> number_from(const char* variable) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

std::vector<std::uint64_t> seeds(int by_default) {
  if (const auto one = number_from("VTHREADS_SEED")) return {*one};
  std::vector<std::uint64_t> all(
      number_from("VTHREADS_ROUNDS").value_or(static_cast<std::uint64_t>(by_default)));
  std::uint64_t next = 1;
  for (std::uint64_t& seed : all) seed = next++;
  return all;
}

Node root_of(std::uint64_t seed) {
  return {Random(seed).below(1U << 31), 3};
}

// One line that says how to see it again, in time for a hang or a crash too.
void announce(std::uint64_t seed, const std::string& where) {
  if (std::getenv("VTHREADS_SEED") != nullptr)
    std::cerr << "seed " << seed << ", " << where << std::endl;
}

void check_result(std::uint64_t seed, bool timed, std::uint64_t result, const Stats& stats) {
  INFO("to run it again: VTHREADS_SEED=" << seed);
  CHECK(result == expected(root_of(seed), timed));
  CHECK(stats.vthreads_alive == 0);
}

std::uint64_t run_green(std::uint64_t seed, bool timed, std::vector<std::uint64_t>* trace) {
  Config config{.drive = Config::Drive::calling_thread, .run_queue_slots = 64};
  config.seed = seed;
  config.shuffle = true;
  Scheduler scheduler(config);
  World world{.scheduler = scheduler, .timed = timed, .trace = trace};
  std::uint64_t result = 0;
  scheduler.start([&] { result = run(world, root_of(seed)); }).detach();
  scheduler.run();
  check_result(seed, timed, result, scheduler.stats());
  return result;
}

TEST_CASE("random programs compute what they must on one carrier, and the seed decides the order",
          "[vthreads][stress][random]") {
  int orders = 0;
  const std::vector<std::uint64_t> all = seeds(test::sized(300));
  for (const std::uint64_t seed : all) {
    announce(seed, "calling thread");
    std::vector<std::uint64_t> first, second, third;
    run_green(seed, false, &first);
    run_green(seed, false, &second);
    INFO("to run it again: VTHREADS_SEED=" << seed);
    CHECK(first == second);
    run_green(seed, true, nullptr);
    orders += first.size() > 20;
  }
  CHECK((orders > 0 || all.size() < 100));  // the programs are not all trivial
}

TEST_CASE("another seed of the scheduler is another order of the same program",
          "[vthreads][stress][random]") {
  const auto order = [](std::uint64_t seed) {
    Config config{.drive = Config::Drive::calling_thread};
    config.seed = seed;
    config.shuffle = true;
    Scheduler scheduler(config);
    std::vector<std::uint64_t> trace;
    for (std::uint64_t i = 0; i < 20; ++i) scheduler.start([&, i] { trace.push_back(i); }).detach();
    scheduler.run();
    return trace;
  };
  CHECK(order(1) == order(1));
  CHECK(order(1) != order(2));
}

TEST_CASE("random programs compute what they must on many carriers under shuffled schedules",
          "[vthreads][stress][random]") {
  for (const test::Shape shape : test::all_shapes()) {
    for (const bool shuffle : {false, true}) {
      Config config = shape.config();
      config.shuffle = shuffle;
      for (const std::uint64_t seed : seeds(test::sized(40))) {
        CAPTURE(shape, shuffle);
        announce(seed, std::to_string(shape.carriers) + " carriers");
        config.seed = seed;
        Scheduler scheduler(config);
        World world{.scheduler = scheduler, .timed = true};
        std::uint64_t result = 0;
        scheduler.start([&] { result = run(world, root_of(seed)); }).join();
        test::wait_until([&] { return scheduler.stats().vthreads_alive == 0; });
        check_result(seed, true, result, scheduler.stats());
      }
    }
  }
}

}  // namespace
}  // namespace vthreads
