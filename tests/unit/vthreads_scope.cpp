#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_fixture.h"
#include "vthreads/scope.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;

std::error_code join_error(Scope& scope) {
  try {
    scope.join();
  } catch (const std::system_error& error) {
    return error.code();
  }
  return {};
}

// Waits until it is asked to stop.
void wait_for_stop(std::atomic<int>& stopped) {
  try {
    for (;;) this_vthread::park();
  } catch (const Stopped&) {
    ++stopped;
    throw;
  }
}

TEST_CASE("a scope joins all its children, on platform threads and on vthreads",
          "[vthreads][scope]") {
  for (const test::Shape shape : test::all_shapes()) {
    CAPTURE(shape);
    Scheduler scheduler(shape.config());
    std::atomic<int> done{0};
    const auto work = [&](Scope& scope) {
      for (int i = 0; i < 53; ++i) {
        scope.start([&] {
          this_vthread::yield();
          ++done;
        });
      }
      scope.join();
    };
    Scope outside(scheduler);
    work(outside);
    CHECK(done == 53);
    work(outside);  // and again
    CHECK(done == 2 * 53);
    int inside = 0;
    scheduler
        .start([&] {
          Scope scope;
          work(scope);
          inside = done;
        })
        .join();
    CHECK(inside == 3 * 53);
  }
}

TEST_CASE("the first child that fails stops the others, and join throws what it threw",
          "[vthreads][scope]") {
  for (const test::Shape shape : test::all_shapes()) {
    CAPTURE(shape);
    Scheduler scheduler(shape.config());
    Scope scope(scheduler);
    std::atomic<int> stopped{0};
    for (int i = 0; i < 50; ++i) scope.start([&] { wait_for_stop(stopped); });
    scope.start([] { throw std::runtime_error("the first"); });
    for (int i = 0; i < 50; ++i) scope.start([&] { wait_for_stop(stopped); });
    CHECK_THROWS_WITH(scope.join(), "the first");
    CHECK(stopped == 100);
    CHECK(scope.stop_requested());
    CHECK_NOTHROW(scope.join());  // thrown once
    scope.start([&] { wait_for_stop(stopped); });
    scope.join();  // a stopped scope stays so
    CHECK(stopped == 101);
  }
}

TEST_CASE("a child that ends by Stopped is no failure", "[vthreads][scope]") {
  Scheduler scheduler;
  Scope scope(scheduler);
  scope.start([] { throw Stopped(); });
  CHECK_NOTHROW(scope.join());
  CHECK_FALSE(scope.stop_requested());
}

TEST_CASE("a block that is left by an exception stops its children and waits for them",
          "[vthreads][scope]") {
  Scheduler scheduler;
  std::atomic<int> stopped{0}, cleaned{0};
  const auto block = [&] {
    Scope scope(scheduler);
    for (int i = 0; i < 7; ++i) {
      scope.start([&] {
        try {
          wait_for_stop(stopped);
        } catch (const Stopped&) {
          const StopMask mask;
          this_vthread::sleep_for(1ms);
          ++cleaned;
          throw std::runtime_error("dropped");
        }
      });
    }
    throw std::runtime_error("from the owner");
  };
  CHECK_THROWS_WITH(block(), "from the owner");
  CHECK(stopped == 7);
  CHECK(cleaned == 7);
  std::string what;
  scheduler
      .start([&] {
        try {
          block();
        } catch (const std::exception& error) {
          what = error.what();
        }
      })
      .join();
  CHECK(what == "from the owner");
  CHECK(cleaned == 14);
}

TEST_CASE("join_until gives up at its deadline, and the children go on", "[vthreads][scope]") {
  Scheduler scheduler;
  Scope scope(scheduler);
  std::atomic<bool> go{false}, done{false};
  scope.start([&] {
    while (!go) this_vthread::yield();
    done = true;
  });
  CHECK_FALSE(scope.join_for(2ms));
  CHECK_FALSE(done);
  go = true;
  CHECK(scope.join_for(1h));
  CHECK(done);
  bool inside = true;
  scheduler
      .start([&] {
        Scope own;
        own.start([] { this_vthread::park(); });
        inside = own.join_for(1ms);
      })
      .join();
  CHECK_FALSE(inside);
}

TEST_CASE("children start further children into their scope", "[vthreads][scope]") {
  Scheduler scheduler({.carriers = 2});
  Scope scope(scheduler);
  std::atomic<int> done{0};
  struct Tree {
    Scope& scope;
    std::atomic<int>& done;
    void grow(int depth) const {
      if (depth != 0) {
        for (int i = 0; i < 3; ++i) scope.start([*this, depth] { grow(depth - 1); });
      }
      ++done;
    }
  };
  scope.start([&] { Tree{scope, done}.grow(4); });
  scope.join();
  CHECK(done == 1 + 3 + 9 + 27 + 81);
}

TEST_CASE("a scope whose owner is asked to stop passes it on, through nested scopes",
          "[vthreads][scope]") {
  for (const test::Shape shape : test::all_shapes()) {
    CAPTURE(shape);
    Scheduler scheduler(shape.config());
    std::atomic<int> stopped{0}, ready{0};
    bool threw = false, after_all = false;
    VThread owner = scheduler.start([&] {
      Scope scope;
      for (int i = 0; i < 3; ++i) {
        scope.start([&] {
          Scope nested;
          for (int j = 0; j < 3; ++j) {
            nested.start([&] {
              ++ready;
              wait_for_stop(stopped);
            });
          }
          nested.join();
        });
      }
      try {
        scope.join();
      } catch (const Stopped&) {
        threw = true;
        after_all = stopped == 9;
      }
    });
    test::wait_until([&] { return ready == 9; });
    owner.request_stop();
    owner.join();
    CHECK(threw);
    CHECK(after_all);
  }
}

TEST_CASE("a failure wins over Stopped when the owner was asked to stop", "[vthreads][scope]") {
  Scheduler scheduler;
  std::string what;
  VThread owner = scheduler.start([&] {
    Scope scope;
    scope.start([] {
      try {
        this_vthread::park();
      } catch (const Stopped&) {
        throw std::runtime_error("cannot clean up");
      }
    });
    try {
      scope.join();
    } catch (const std::exception& error) {
      what = error.what();
    }
  });
  test::wait_until([&] { return owner.state() == State::parked; });
  owner.request_stop();
  owner.join();
  CHECK(what == "cannot clean up");
}

TEST_CASE("request_stop of a scope reaches all children, those of later too", "[vthreads][scope]") {
  Scheduler scheduler({.carriers = 2});
  Scope scope(scheduler);
  std::atomic<int> stopped{0}, running{0};
  for (int i = 0; i < 101; ++i) {
    scope.start({.name = "child"}, [&] {
      ++running;
      wait_for_stop(stopped);
    });
  }
  test::wait_until([&] { return running == 101; });
  std::thread([&] { scope.request_stop(); }).join();
  scope.start([&] { wait_for_stop(stopped); });
  scope.join();
  CHECK(stopped == 102);
}

TEST_CASE("children take start options and a stop_token", "[vthreads][scope]") {
  Scheduler scheduler;
  Scope scope(scheduler);
  std::stop_source source;
  std::string name;
  bool asked = false;
  scope.start({.name = "child", .stop = source.get_token()}, [&](std::stop_token token) {
    name = this_vthread::name();
    while (!token.stop_requested()) this_vthread::yield();
    asked = true;
  });
  source.request_stop();
  scope.join();
  CHECK(name == "child");
  CHECK(asked);
  CHECK_FALSE(scope.stop_requested());
}

TEST_CASE("what a body holds is destroyed before join returns", "[vthreads][scope]") {
  Scheduler scheduler;
  const auto counted = std::make_shared<int>(0);
  Scope scope(scheduler);
  std::array<char, 200> large{};
  for (int round = 0; round < test::sized(500); ++round) {
    scope.start([counted] {});
    scope.start([counted, large] { static_cast<void>(large); });
    scope.join();
    REQUIRE(counted.use_count() == 1);
  }
}

TEST_CASE("children one after another use the same few stacks, though nobody joins",
          "[vthreads][scope]") {
  Scheduler scheduler({.carriers = 1});
  std::size_t stacks = 0;
  std::atomic<int> done{0};
  scheduler
      .start([&] {
        Scope scope;
        std::vector<const void*> seen;
        for (int i = 0; i < test::sized(100000); ++i) {
          scope.start([&] {
            const char here = 0;
            const void* const at = &here;
            if (std::find(seen.begin(), seen.end(), at) == seen.end()) seen.push_back(at);
            ++done;
          });
          this_vthread::yield();
        }
        scope.join();
        stacks = seen.size();
      })
      .join();
  CHECK(done == test::sized(100000));
  CHECK(stacks <= 2);
}

TEST_CASE("only the owner may join, so a child cannot wait for itself", "[vthreads][scope]") {
  Scheduler scheduler;
  Scope scope(scheduler);
  std::error_code error;
  scope.start([&] { error = join_error(scope); });
  scope.join();
  CHECK(error == std::errc::operation_not_permitted);
}

TEST_CASE("a scope without a scheduler is for vthreads only", "[vthreads][scope]") {
  CHECK_THROWS_AS(Scope(), std::system_error);
}

TEST_CASE("a scope of a scheduler that nobody runs", "[vthreads][scope]") {
  Scheduler scheduler({.drive = Config::Drive::calling_thread});
  int done = 0;
  {
    Scope scope(scheduler);
    scope.start([&] { ++done; });
    CHECK(join_error(scope) == std::errc::resource_deadlock_would_occur);
    scheduler.run();
    scope.join();
    CHECK(done == 1);
    scope.start([&] { ++done; });
  }  // runs it, for nobody else would
  CHECK(done == 2);
}

TEST_CASE("a scope of another scheduler than the owner's", "[vthreads][scope]") {
  Scheduler mine({.carriers = 1}), other({.carriers = 1});
  std::atomic<int> done{0};
  std::vector<VThread> owners;
  for (int i = 0; i < 20; ++i) {
    owners.push_back(mine.start([&] {
      Scope scope(other);
      for (int j = 0; j < 5; ++j) scope.start([&] { ++done; });
      scope.join();
    }));
  }
  test::join_all(owners);
  CHECK(done == 100);
}

TEST_CASE("a start that fails leaves the scope as it was", "[vthreads][scope]") {
  Scheduler scheduler;
  struct ThrowsWhenMoved {
    ThrowsWhenMoved() = default;
    ThrowsWhenMoved(ThrowsWhenMoved&& other) : left(other.left - 1) {
      if (left == 0) throw std::runtime_error("cannot move");
    }
    int left = 1;
    void operator()() {}
  };
  Scope scope(scheduler);
  for (int left = 1; left < 6; ++left) {
    ThrowsWhenMoved body;
    body.left = left;
    try {
      scope.start(std::move(body));
    } catch (const std::runtime_error&) {
    }
  }
  scope.join();
  CHECK_FALSE(scope.stop_requested());
}

}  // namespace
}  // namespace vthreads
