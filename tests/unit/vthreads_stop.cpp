#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_fixture.h"
#include "vthreads/blocking.h"
#include "vthreads/scope.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;

bool waits(const VThread& vthread) {
  return vthread.state() == State::parked || vthread.state() == State::pinned;
}

// Whether wait() throws Stopped.
template <class Wait>
bool is_stopped(Wait wait) {
  try {
    wait();
  } catch (const Stopped&) {
    return true;
  }
  return false;
}

struct Interruptible {
  const char* name;
  std::function<void(Scheduler&)> wait;
};

// A vthread that waits for ever, and is let go when the block is left.
class Other {
 public:
  explicit Other(Scheduler& scheduler) : vthread(scheduler.start([] { this_vthread::park(); })) {}
  ~Other() {
    const StopMask mask;
    vthread.unpark();
    if (vthread.joinable()) vthread.join();
  }
  VThread vthread;
};

const std::vector<Interruptible>& every_wait() {
  static const std::vector<Interruptible> waits{
      {"park", [](Scheduler&) { this_vthread::park(); }},
      {"park_until", [](Scheduler&) { this_vthread::park_for(1h); }},
      {"sleep", [](Scheduler&) { this_vthread::sleep_for(1h); }},
      {"join", [](Scheduler& scheduler) { Other(scheduler).vthread.join(); }},
      {"join_until", [](Scheduler& scheduler) { Other(scheduler).vthread.join_for(1h); }},
      {"Scope::join",
       [](Scheduler&) {
         Scope scope;
         scope.start([] { this_vthread::park(); });
         scope.join();
       }},
      {"Scope::join_until",
       [](Scheduler&) {
         Scope scope;
         scope.start([] { this_vthread::park(); });
         scope.join_for(1h);
       }},
      {"park with a Pin",
       [](Scheduler&) {
         const Pin pin;
         this_vthread::park();
       }},
      {"park_until with a Pin",
       [](Scheduler&) {
         const Pin pin;
         this_vthread::park_for(1h);
       }},
      {"sleep with a Pin",
       [](Scheduler&) {
         const Pin pin;
         this_vthread::sleep_for(1h);
       }},
      {"park in blocking", [](Scheduler&) { blocking([] { this_vthread::park(); }); }},
  };
  return waits;
}

TEST_CASE("every wait throws Stopped if its vthread is asked to stop while it waits",
          "[vthreads][stop]") {
  for (const test::Shape shape : test::all_shapes()) {
    for (const Interruptible& wait : every_wait()) {
      CAPTURE(shape, wait.name);
      Scheduler scheduler(shape.config());
      bool stopped = false;
      VThread vthread =
          scheduler.start([&] { stopped = is_stopped([&] { wait.wait(scheduler); }); });
      if (std::string(wait.name) == "park in blocking") {
        test::wait_until([&] { return vthread.state() == State::blocking; });
      } else {
        test::wait_until([&] { return waits(vthread); });
      }
      vthread.request_stop();
      vthread.join();
      CHECK(stopped);
    }
  }
}

TEST_CASE("every wait throws Stopped at once if its vthread was asked to stop before",
          "[vthreads][stop]") {
  for (const Interruptible& wait : every_wait()) {
    CAPTURE(wait.name);
    Scheduler scheduler({.carriers = 1});
    bool stopped = false;
    std::atomic<bool> asked{false};
    VThread vthread = scheduler.start([&] {
      test::wait_until([&] { return asked.load(); });
      stopped = is_stopped([&] { wait.wait(scheduler); });
    });
    vthread.request_stop();
    asked = true;
    vthread.join();
    CHECK(stopped);
  }
}

TEST_CASE("every wait throws Stopped on the thread that calls run()", "[vthreads][stop]") {
  for (const Interruptible& wait : every_wait()) {
    CAPTURE(wait.name);
    Scheduler scheduler({.drive = Config::Drive::calling_thread});
    bool stopped = false;
    VThread vthread = scheduler.start([&] { stopped = is_stopped([&] { wait.wait(scheduler); }); });
    std::thread outside([&] {
      test::wait_until([&] { return waits(vthread) || vthread.state() == State::blocking; });
      vthread.request_stop();
    });
    scheduler.run();
    outside.join();
    vthread.join();
    CHECK(stopped);
  }
}

TEST_CASE("a permit that is there is used even if the vthread was asked to stop",
          "[vthreads][stop]") {
  Scheduler scheduler;
  std::vector<bool> stopped;
  VThread vthread = scheduler.start([&] {
    this_vthread::current().unpark();
    this_vthread::current().request_stop();
    stopped.push_back(is_stopped([] { this_vthread::park(); }));
    stopped.push_back(is_stopped([] { this_vthread::park(); }));
  });
  vthread.join();
  CHECK(stopped == std::vector{false, true});
}

TEST_CASE("a vthread that is asked to stop before it begins runs up to its first wait",
          "[vthreads][stop]") {
  Scheduler scheduler({.drive = Config::Drive::calling_thread});
  std::string went;
  VThread vthread = scheduler.start([&] {
    went += this_vthread::stop_requested() ? "asked " : "";
    this_vthread::yield();
    went += "yielded ";
    this_vthread::park();
    went += "parked ";
  });
  vthread.request_stop();
  scheduler.run();
  vthread.join();
  CHECK(went == "asked yielded ");
}

TEST_CASE("asking twice, or what has finished, or nobody, does nothing", "[vthreads][stop]") {
  Scheduler scheduler({.carriers = 1});
  int stopped = 0;
  VThread vthread = scheduler.start([&] {
    for (int i = 0; i < 3; ++i) stopped += is_stopped([] { this_vthread::sleep_for(1h); });
  });
  vthread.request_stop();
  vthread.request_stop();
  test::wait_until([&] { return vthread.state() == State::done; });
  vthread.request_stop();
  VThreadRef ref = vthread.ref();
  vthread.join();
  CHECK(stopped == 3);
  ref.request_stop();
  VThread().request_stop();
  VThreadRef().request_stop();
  this_vthread::current().request_stop();
  CHECK_FALSE(this_vthread::stop_requested());
  this_vthread::sleep_for(1ns);
  ref = VThreadRef();
  // The next vthread on that stack is asked nothing.
  bool asked = true;
  scheduler.start([&] { asked = this_vthread::stop_requested(); }).join();
  CHECK_FALSE(asked);
}

TEST_CASE("to have stopped is no failure, neither for join nor of a detached vthread",
          "[vthreads][stop]") {
  Scheduler scheduler;
  VThread joined = scheduler.start([] { this_vthread::park(); });
  joined.request_stop();
  CHECK_NOTHROW(joined.join());
  VThread detached = scheduler.start([] { this_vthread::park(); });
  const VThreadRef ref = detached.ref();
  detached.detach();
  ref.request_stop();
  test::wait_until([&] { return scheduler.stats().vthreads_alive == 0; });
}

TEST_CASE("a join that was stopped leaves the handle joinable", "[vthreads][stop]") {
  Scheduler scheduler;
  bool stopped = false, joinable = false, joined = false;
  VThread joiner = scheduler.start([&] {
    VThread other = scheduler.start([] { this_vthread::park(); });
    stopped = is_stopped([&] { other.join(); });
    joinable = other.joinable();
    other.unpark();
    const StopMask mask;
    other.join();
    joined = !other.joinable();
  });
  test::wait_until([&] { return joiner.state() == State::parked; });
  joiner.request_stop();
  joiner.join();
  CHECK(stopped);
  CHECK(joinable);
  CHECK(joined);
}

TEST_CASE("a StopMask hides the request while it exists, and masks nest", "[vthreads][stop]") {
  Scheduler scheduler;
  std::array<bool, 4> asked{};
  bool unparked = false, stopped = false;
  VThread vthread = scheduler.start([&] {
    {
      const StopMask outer;
      {
        const StopMask inner;
        unparked = !is_stopped([] { this_vthread::park(); });
        asked[0] = this_vthread::stop_requested();
      }
      asked[1] = this_vthread::stop_requested();
      this_vthread::sleep_for(1ms);
      asked[2] = this_vthread::stop_token().stop_requested();
    }
    asked[3] = this_vthread::stop_requested();
    stopped = is_stopped([] { this_vthread::park(); });
  });
  test::wait_until([&] { return vthread.state() == State::parked; });
  vthread.request_stop();
  CHECK_FALSE(vthread.join_for(5ms));
  vthread.unpark();
  vthread.join();
  CHECK(unparked);
  CHECK(stopped);
  CHECK(asked == std::array{false, false, true, true});
}

// --- std::stop_token ---------------------------------------------------------------------------------

TEST_CASE("a body that takes a stop_token is given that of its vthread", "[vthreads][stop]") {
  Scheduler scheduler;
  std::atomic<bool> running{false};
  bool same = false;
  VThread vthread = scheduler.start([&](std::stop_token token) {
    same = token == this_vthread::stop_token();
    running = true;
    while (!token.stop_requested()) this_vthread::yield();
  });
  test::wait_until([&] { return running.load(); });
  vthread.request_stop();
  vthread.join();
  CHECK(same);
  CHECK_FALSE(this_vthread::stop_token().stop_possible());
}

TEST_CASE("a stop_callback runs on who asks, before request_stop returns", "[vthreads][stop]") {
  Scheduler scheduler;
  std::thread::id ran_on;
  std::atomic<bool> ready{false};
  VThread vthread = scheduler.start([&](std::stop_token token) {
    const std::stop_callback callback(token, [&] { ran_on = std::this_thread::get_id(); });
    ready = true;
    while (!is_stopped([] { this_vthread::park(); })) {
    }
  });
  test::wait_until([&] { return ready.load(); });
  vthread.request_stop();
  CHECK(ran_on == std::this_thread::get_id());
  vthread.join();
}

TEST_CASE("a stop_token says so also if it was made after the vthread was asked",
          "[vthreads][stop]") {
  Scheduler scheduler({.drive = Config::Drive::calling_thread});
  bool asked = false;
  VThread vthread = scheduler.start([&](std::stop_token token) { asked = token.stop_requested(); });
  vthread.request_stop();
  scheduler.run();
  vthread.join();
  CHECK(asked);
}

TEST_CASE("a stop_token outlives its vthread, whose successor on the stack has another",
          "[vthreads][stop]") {
  std::stop_token first, second;
  {
    Scheduler scheduler({.carriers = 1});
    scheduler
        .start([&] {
          VThread vthread = scheduler.start([&](std::stop_token token) { first = token; });
          vthread.request_stop();
          vthread.join();
          scheduler.start([&](std::stop_token token) { second = token; }).join();
        })
        .join();
  }
  CHECK(first.stop_requested());
  CHECK_FALSE(second.stop_requested());
}

TEST_CASE("who asks and who makes a stop_token at the same moment always see each other",
          "[vthreads][stop]") {
  Scheduler scheduler({.carriers = 2});
  int missed = 0;
  for (int round = 0; round < test::sized(3000); ++round) {
    std::atomic<bool> begun{false};
    std::stop_token token;
    VThread vthread = scheduler.start([&] {
      begun = true;
      token = this_vthread::stop_token();
    });
    while (!begun) {
    }
    vthread.request_stop();
    vthread.join();
    missed += !token.stop_requested();
  }
  CHECK(missed == 0);
}

TEST_CASE("vthreads started with a stop_token are asked to stop when it is", "[vthreads][stop]") {
  for (const test::Shape shape : test::all_shapes()) {
    CAPTURE(shape);
    std::stop_source source;
    Scheduler scheduler(shape.config());
    std::vector<VThread> vthreads;
    std::atomic<int> stopped{0};
    for (int i = 0; i < 31; ++i) {
      vthreads.push_back(scheduler.start({.name = "stoppable", .stop = source.get_token()}, [&] {
        stopped += is_stopped([] { this_vthread::park(); });
      }));
    }
    source.request_stop();
    test::join_all(vthreads);
    CHECK(stopped == 31);
    // Too late for these: asked from the beginning.
    scheduler
        .start({.stop = source.get_token()},
               [&](std::stop_token token) {
                 stopped += token.stop_requested() && this_vthread::stop_requested();
               })
        .join();
    CHECK(stopped == 32);
  }
}

TEST_CASE("a stop_source that asks when its vthreads have finished does no harm",
          "[vthreads][stop]") {
  std::stop_source source;
  {
    Scheduler scheduler;
    for (int i = 0; i < 7; ++i) scheduler.start({.stop = source.get_token()}, [] {}).join();
    source.request_stop();
  }
  CHECK(source.stop_requested());
}

}  // namespace
}  // namespace vthreads
