#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_fixture.h"

namespace vthreads {
namespace {

template <class Call>
std::error_code error_of(Call call) {
  try {
    call();
  } catch (const std::system_error& error) {
    return error.code();
  }
  return {};
}

TEST_CASE("join throws what the body threw, on platform threads and on vthreads",
          "[vthreads][join]") {
  Scheduler scheduler;
  VThread fails = scheduler.start([] { throw std::runtime_error("from the body"); });
  CHECK_THROWS_WITH(fails.join(), "from the body");
  CHECK_FALSE(fails.joinable());

  std::string caught;
  scheduler
      .start([&] {
        VThread inner = scheduler.start([] { throw std::runtime_error("from the inner body"); });
        try {
          inner.join();
        } catch (const std::exception& error) {
          caught = error.what();
        }
      })
      .join();
  CHECK(caught == "from the inner body");
}

TEST_CASE("a vthread that parks inside a catch block keeps its exception", "[vthreads][join]") {
  for (const test::Shape shape : test::all_shapes()) {
    CAPTURE(shape);
    Scheduler scheduler(shape.config());
    std::atomic<int> kept{0};
    std::vector<VThread> vthreads;
    for (int i = 0; i < 50; ++i) {
      vthreads.push_back(scheduler.start([&, i] {
        try {
          throw i;
        } catch (int) {
          for (int turn = 0; turn < 20; ++turn) this_vthread::yield();
          try {
            throw;  // the one this block caught, whatever others have thrown on the same carrier
          } catch (int again) {
            kept += again == i && std::uncaught_exceptions() == 0;
          }
        }
      }));
    }
    test::join_all(vthreads);
    CHECK(kept == 50);
  }
}

// Waits while an exception is on its way, and lets others throw meanwhile.
struct WaitsWhileUnwinding {
  std::atomic<int>& right;
  ~WaitsWhileUnwinding() {
    const int before = std::uncaught_exceptions();
    for (int turn = 0; turn < 10; ++turn) this_vthread::yield();
    this_vthread::park_for(std::chrono::microseconds(50));
    try {
      throw 1.5;  // another one, caught inside
    } catch (double) {
      this_vthread::yield();
    }
    right += before == 1 && std::uncaught_exceptions() == 1;
  }
};

TEST_CASE("a vthread that parks in a destructor while an exception unwinds keeps its exception",
          "[vthreads][join]") {
  for (const test::Shape shape : test::all_shapes()) {
    CAPTURE(shape);
    Scheduler scheduler(shape.config());
    std::atomic<int> right{0}, caught{0}, calm{0};
    std::vector<VThread> vthreads;
    for (int i = 0; i < 31; ++i) {
      vthreads.push_back(scheduler.start([&, i] {
        try {
          const WaitsWhileUnwinding guard{right};
          throw std::runtime_error(std::to_string(i));
        } catch (const std::runtime_error& error) {
          this_vthread::yield();
          caught += error.what() == std::to_string(i) && std::uncaught_exceptions() == 0;
        }
        caught += std::current_exception() == nullptr;
      }));
      vthreads.push_back(scheduler.start([&] {
        for (int turn = 0; turn < 10; ++turn) {
          calm += std::uncaught_exceptions() == 0 && std::current_exception() == nullptr;
          this_vthread::yield();
        }
      }));
    }
    test::join_all(vthreads);
    CHECK(right == 31);
    CHECK(caught == 62);
    CHECK(calm == 310);
  }
}

TEST_CASE("a vthread cannot join itself", "[vthreads][join]") {
  Scheduler scheduler;
  VThread handle;
  std::error_code error;
  std::atomic<bool> ready{false};
  handle = scheduler.start([&] {
    test::wait_until([&] { return ready.load(); });
    error = error_of([&] { handle.join(); });
  });
  ready = true;
  test::wait_until([&] { return scheduler.stats().vthreads_alive == 0; });
  handle.join();
  CHECK(error == std::errc::resource_deadlock_would_occur);
}

TEST_CASE("a handle is joined or detached once", "[vthreads][join]") {
  Scheduler scheduler;
  VThread handle = scheduler.start([] {});
  CHECK(handle.joinable());
  CHECK(handle.id() != 0);
  handle.join();
  CHECK_FALSE(handle.joinable());
  CHECK(handle.id() == 0);
  CHECK(error_of([&] { handle.join(); }) == std::errc::invalid_argument);
  CHECK(error_of([&] { handle.detach(); }) == std::errc::invalid_argument);
  CHECK(error_of([] { VThread().join(); }) == std::errc::invalid_argument);
}

TEST_CASE("an exception of a detached vthread terminates the process and says what it was",
          "[vthreads][join]") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::signal(SIGABRT, SIG_DFL);
    ::dup2(ends[1], STDERR_FILENO);
    Scheduler scheduler({.drive = Config::Drive::calling_thread});
    scheduler.start([] { throw std::runtime_error("nobody hears me"); }).detach();
    scheduler.run();
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string message;
  for (char c = 0; ::read(ends[0], &c, 1) == 1;) message += c;
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
  CHECK(message.find("nobody hears me") != std::string::npos);
}

TEST_CASE("the scheduler's destructor waits for detached vthreads", "[vthreads][join]") {
  std::atomic<int> done{0};
  {
    Scheduler scheduler;
    for (int i = 0; i < 10; ++i) {
      scheduler
          .start([&] {
            for (int turn = 0; turn < 100; ++turn) this_vthread::yield();
            ++done;
          })
          .detach();
    }
  }
  CHECK(done == 10);
}

TEST_CASE("a handle may be joined after its scheduler is gone", "[vthreads][join]") {
  VThread fails, returns;
  {
    Scheduler scheduler;
    fails = scheduler.start([] { throw 42; });
    returns = scheduler.start([] {});
  }
  returns.join();
  CHECK_THROWS_AS(fails.join(), int);
}

TEST_CASE("a body may be movable only, large, and is destroyed before join returns",
          "[vthreads][join]") {
  Scheduler scheduler;
  auto counted = std::make_shared<int>(0);
  auto owned = std::make_unique<int>(7);
  int seen = 0;
  std::array<char, 1000> large{};
  large[999] = 'x';
  scheduler
      .start([counted, owned = std::move(owned), large, &seen] {
        seen = *owned + (large[999] == 'x');
      })
      .join();
  CHECK(seen == 8);
  CHECK(counted.use_count() == 1);
}

TEST_CASE("a vthread knows its id and that it is one, and a platform thread that it is none",
          "[vthreads][join]") {
  Scheduler scheduler;
  std::uint64_t inside = 0;
  bool is_vthread = false;
  VThread handle = scheduler.start([&] {
    inside = this_vthread::id();
    is_vthread = this_vthread::is_vthread();
  });
  const std::uint64_t outside = handle.id();
  handle.join();
  CHECK(inside == outside);
  CHECK(is_vthread);
  CHECK(this_vthread::id() == 0);
  CHECK_FALSE(this_vthread::is_vthread());
}

TEST_CASE("vthreads of one scheduler join those of another", "[vthreads][join]") {
  Scheduler a({.carriers = 1}), b({.carriers = 1});
  std::atomic<int> joined{0};
  std::vector<VThread> vthreads;
  for (int i = 0; i < 100; ++i) {
    vthreads.push_back(a.start([&] {
      b.start([] { this_vthread::yield(); }).join();
      ++joined;
    }));
  }
  test::join_all(vthreads);
  CHECK(joined == 100);
}

}  // namespace
}  // namespace vthreads
