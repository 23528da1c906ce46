#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_fixture.h"
#include "vthreads/local.h"
#include "vthreads/scope.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;

TEST_CASE("every vthread has its own value, wherever it goes on", "[vthreads][local]") {
  static VThreadLocal<int> number;
  for (const test::Shape shape : test::all_shapes()) {
    CAPTURE(shape);
    Scheduler scheduler(shape.config());
    std::atomic<int> wrong{0};
    std::vector<VThread> vthreads;
    for (int i = 0; i < 53; ++i) {
      vthreads.push_back(scheduler.start([&, i] {
        wrong += *number != 0;
        int& mine = *number = i;
        for (int turn = 0; turn < 20; ++turn) this_vthread::yield();
        wrong += *number != i || &*number != &mine;
      }));
    }
    test::join_all(vthreads);
    CHECK(wrong == 0);
  }
}

TEST_CASE("a platform thread has a value too, which ends with it", "[vthreads][local]") {
  VThreadLocal<std::shared_ptr<int>> value([] { return std::make_shared<int>(1); });
  std::weak_ptr<int> others;
  std::thread([&] {
    *value.get() = 2;
    others = *value;
  }).join();
  CHECK(others.expired());
  CHECK(value.find() == nullptr);
  CHECK(**value == 1);
  value.reset();
  CHECK(value.find() == nullptr);
}

TEST_CASE("the initial value is made at first use, by the vthread itself", "[vthreads][local]") {
  Scheduler scheduler;
  std::atomic<int> made{0};
  VThreadLocal<std::string> name([&] {
    ++made;
    return "of " + std::to_string(this_vthread::id());
  });
  std::atomic<int> wrong{0};
  std::vector<VThread> vthreads;
  for (int i = 0; i < 5; ++i) {
    vthreads.push_back(scheduler.start([&] {
      wrong += name.find() != nullptr;
      wrong += *name != "of " + std::to_string(this_vthread::id());
      wrong += name->empty() || name.find() == nullptr;
    }));
  }
  vthreads.push_back(scheduler.start([] {}));
  test::join_all(vthreads);
  CHECK(wrong == 0);
  CHECK(made == 5);
}

TEST_CASE("what the initialiser throws comes out of get, and the next get tries again",
          "[vthreads][local]") {
  int calls = 0;
  VThreadLocal<int> number([&] {
    if (++calls == 1) throw std::runtime_error("not yet");
    return 7;
  });
  CHECK_THROWS_WITH(number.get(), "not yet");
  CHECK(number.find() == nullptr);
  CHECK(*number == 7);
}

struct Logs {
  std::vector<std::string>* log = nullptr;
  std::string what;
  Logs() = default;
  Logs(const Logs&) = delete;
  ~Logs() {
    if (log != nullptr) log->push_back(what);
  }
};

TEST_CASE("values are destroyed on their vthread, newest first, after the body and before join",
          "[vthreads][local]") {
  Scheduler scheduler;
  std::vector<std::string> log;
  static VThreadLocal<Logs> first, second;
  struct OnExit {
    std::vector<std::string>& log;
    explicit OnExit(std::vector<std::string>& to) : log(to) {}
    OnExit(const OnExit&) = delete;
    ~OnExit() { log.push_back("body"); }
  };
  const auto body = [&] {
    first->log = &log;
    first->what = "first";
    second->log = &log;
    second->what = "second";
    this_vthread::yield();
  };
  scheduler.start([body, exit = std::make_unique<OnExit>(log)] { body(); }).join();
  CHECK(log == std::vector<std::string>{"body", "second", "first"});
  log.clear();
  Scope scope(scheduler);
  scope.start(body);
  scope.join();
  CHECK(log == std::vector<std::string>{"second", "first"});
}

struct WaitsInDestructor {
  std::atomic<int>* done = nullptr;
  bool* on_vthread = nullptr;
  ~WaitsInDestructor() {
    this_vthread::sleep_for(1ms);  // even if asked to stop
    *on_vthread = this_vthread::is_vthread();
    ++*done;
  }
};

TEST_CASE("a destructor of a value may wait, also of a vthread that was asked to stop",
          "[vthreads][local]") {
  static VThreadLocal<WaitsInDestructor> value;
  Scheduler scheduler;
  std::atomic<int> done{0};
  bool on_vthread = false;
  VThread vthread = scheduler.start([&] {
    value->done = &done;
    value->on_vthread = &on_vthread;
    this_vthread::park();
  });
  vthread.request_stop();
  vthread.join();
  CHECK(done == 1);
  CHECK(on_vthread);
}

VThreadLocal<Logs>& late() {
  static VThreadLocal<Logs> value;
  return value;
}

struct UsesAnother {
  std::vector<std::string>* log = nullptr;
  ~UsesAnother() {
    late()->log = log;
    late()->what = "made late";
    log->push_back("destroyed");
  }
};

TEST_CASE("what a destructor of a value makes anew is destroyed as well", "[vthreads][local]") {
  static VThreadLocal<UsesAnother> value;
  Scheduler scheduler;
  std::vector<std::string> log;
  scheduler.start([&] { value->log = &log; }).join();
  CHECK(log == std::vector<std::string>{"destroyed", "made late"});
}

TEST_CASE("who gets the slot of one that is gone does not see its values", "[vthreads][local]") {
  Scheduler scheduler;
  auto counted = std::make_shared<int>(0);
  int seen = -1;
  long kept = 0, left = 0;
  scheduler
      .start([&] {
        std::optional<VThreadLocal<std::shared_ptr<int>>> old(std::in_place);
        **old = counted;
        old.reset();
        kept = counted.use_count();  // a value may outlive its VThreadLocal ...
        VThreadLocal<int> next;
        seen = next.find() == nullptr ? *next : -2;
        left = counted.use_count();  // ... until its slot is needed
      })
      .join();
  CHECK(seen == 0);
  CHECK(kept == 2);
  CHECK(left == 1);
}

TEST_CASE("many come and go while vthreads use others", "[vthreads][local]") {
  Scheduler scheduler({.carriers = 2});
  std::atomic<int> wrong{0};
  std::vector<VThread> vthreads;
  for (int i = 0; i < 4; ++i) {
    vthreads.push_back(scheduler.start([&, i] {
      for (int round = 0; round < test::sized(500); ++round) {
        VThreadLocal<int> a([&] { return i; });
        VThreadLocal<std::string> b([&] { return std::to_string(round); });
        wrong += *a != i;
        this_vthread::yield();
        wrong += *b != std::to_string(round) || *a != i;
      }
    }));
  }
  test::join_all(vthreads);
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace vthreads
