// The loop of mode event-loop: in which order it calls back, and that it ends when nobody waits.
#include "scenarios/modes/event_loop.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <system_error>
#include <vector>

#include "scenarios/catalogue.h"
#include "support/catch.h"

namespace vtlab::test {
namespace {

struct Fixture {
  Params params{.tasks = 3, .carriers = 1};
  std::vector<std::uint64_t> memory = std::vector<std::uint64_t>(UnitLog::bytes(3) / 8);
  UnitLog log{memory.data(), 3};
  ActionBoard board{{}};
  std::vector<int> none;
  std::unique_ptr<Runtime> runtime = find_mode("event-loop")->make(params, board);
  EventLoop& loop = *runtime->event_loop();
  Workload work{*runtime, log, params, none, board};
  std::string said;

  EventLoop::Callback say(char what) {
    return [this, what] { said += what; };
  }
};

struct Pipe {
  Pipe() { REQUIRE(pipe2(ends, O_NONBLOCK) == 0); }
  ~Pipe() {
    for (const int end : ends) close(end);
  }
  void fill() const { REQUIRE(write(ends[1], "x", 1) == 1); }
  int ends[2];
};

}  // namespace

TEST_CASE(
    "an event loop calls in the order of posting, and what a callback posts after the others") {
  Fixture f;
  f.loop.post([&] {
    f.said += 'a';
    f.loop.post(f.say('c'));
  });
  f.loop.post(f.say('b'));
  f.loop.run();
  CHECK(f.said == "abc");
}

TEST_CASE("an event loop calls timers by their time, and equal ones as they were asked for") {
  Fixture f;
  f.loop.after(2'000'000, f.say('c'));
  f.loop.after(0, f.say('a'));
  f.loop.after(0, f.say('b'));
  f.loop.after(4'000'000, f.say('d'));
  const std::uint64_t before = monotonic_ns();
  f.loop.run();
  CHECK(f.said == "abcd");
  CHECK(monotonic_ns() - before >= 4'000'000);
}

TEST_CASE("an event loop calls back once per request when a descriptor is ready, not before") {
  Fixture f;
  const Pipe pipe;
  f.loop.readable(pipe.ends[0], [&] {
    f.said += 'r';  // the byte is not taken, so it stays readable
    f.loop.readable(pipe.ends[0], f.say('s'));
  });
  f.loop.writable(pipe.ends[1], [&] {
    f.said += 'w';
    pipe.fill();
  });
  f.loop.run();
  CHECK(f.said == "wrs");
}

TEST_CASE("a descriptor can be waited for in both directions, and its end wakes who reads") {
  Fixture f;
  Pipe pipe;
  f.loop.readable(pipe.ends[0], f.say('e'));
  f.loop.post([&] {
    close(pipe.ends[1]);
    pipe.ends[1] = -1;
  });
  f.loop.run();
  CHECK(f.said == "e");
}

TEST_CASE("a number of a descriptor that was closed can be waited for again with its new file") {
  Fixture f;
  for (int i = 0; i < 3; ++i) {
    const Pipe pipe;
    pipe.fill();
    f.loop.readable(pipe.ends[0], f.say('r'));
    f.loop.run();
  }
  CHECK(f.said == "rrr");
}

TEST_CASE("a regular file is always ready, and a descriptor that is none is refused") {
  Fixture f;
  const int file = open("/proc/self/exe", O_RDONLY);
  REQUIRE(file >= 0);
  f.loop.readable(file, f.say('f'));
  f.loop.run();
  close(file);
  CHECK(f.said == "f");
  CHECK_THROWS_AS(f.loop.readable(file, f.say('x')), std::system_error);
  CHECK_THROWS_AS(f.loop.readable(-1, f.say('x')), std::system_error);
  f.loop.run();  // what was refused is not waited for
  CHECK(f.said == "f");
}

TEST_CASE("a unit of callbacks is finished when it says so, and failed when a callback throws") {
  Fixture f;
  f.work.start_steps(0, [&] { f.loop.after(1, f.work.step(0, [&] { f.work.finish(0); })); });
  f.work.start_steps(1, [&] {
    f.loop.post(f.work.step(1, [] { throw std::system_error(EPIPE, std::generic_category()); }));
  });
  f.work.start(2, [] {});
  f.loop.run();
  const auto units = f.log.records();
  CHECK(f.log.finished_count() == 2);
  CHECK(units[0].finished_ns >= units[0].asked_ns);
  CHECK(units[0].last_tid == static_cast<std::uint32_t>(gettid()));
  CHECK((units[1].finished_ns == 0 && units[1].error == EPIPE));
  CHECK(units[2].finished_ns != 0);
}

}  // namespace vtlab::test
