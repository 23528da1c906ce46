// Deadlines, stop requests, waits for readiness alone, and the many kinds of files.
#include <poll.h>
#include <pty.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/timerfd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "scheduler.h"
#include "support/require.h"
#include "support/vthreads_io.h"
#include "vthread.h"

namespace vthreads {
namespace {

using namespace std::chrono_literals;
using test::Fd;
using test::Listener;
using test::Outcome;
using test::Pair;
using test::wait_for_parks;

TEST_CASE("io_uring can be had", "[vthreads][io]") {
  const std::string& reason = test::io_uring_is_missing_because();
  VTLAB_NEEDS(reason.empty(), reason);
  CHECK(test::io_configs().size() == 4);
}

TEST_CASE("every wait ends with its deadline, and not before it", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    for (const bool prepared : {true, false}) {
      Pair pair(Pair::Kind::unix_stream, prepared);
      Pair::fill(pair[0]);
      const Listener listener;
      const auto all = [&](std::vector<Outcome>& outcomes, bool& early) {
        char byte = 0;
        const auto one = [&](auto call) {
          const Deadline deadline = deadline_after(2ms);
          outcomes.push_back(Outcome(call(deadline)));
          early = early || std::chrono::steady_clock::now() < deadline;
        };
        one([&](Deadline deadline) { return io::read(pair[0], &byte, 1, deadline); });
        one([&](Deadline deadline) { return io::write(pair[0], &byte, 1, deadline); });
        one([&](Deadline deadline) { return io::recv(pair[0], &byte, 1, 0, deadline); });
        one([&](Deadline deadline) { return io::send(pair[0], &byte, 1, 0, deadline); });
        one([&](Deadline deadline) { return io::accept(listener.fd, deadline); });
      };
      std::vector<Outcome> on_vthread, on_platform_thread;
      bool early = false;
      int waited = 0;
      short seen = -1;
      scheduler
          .start([&] {
            all(on_vthread, early);
            seen = io::wait(pair[0], POLLIN, deadline_after(2ms));
            try {
              io::wait_readable(pair[0], deadline_after(2ms));
            } catch (const std::system_error& error) {
              waited = error.code().value();
            }
          })
          .join();
      all(on_platform_thread, early);
      for (const Outcome& outcome : on_vthread) CHECK(outcome.error == ETIMEDOUT);
      for (const Outcome& outcome : on_platform_thread) CHECK(outcome.error == ETIMEDOUT);
      CHECK_FALSE(early);
      CHECK(seen == 0);
      CHECK(waited == ETIMEDOUT);
      CHECK(io::wait(pair[0], POLLIN, deadline_after(1ms)) == 0);
    }
  });
}

TEST_CASE("a deadline that is over takes what is there, also where the last read left nothing",
          "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    Pair pair(Pair::Kind::tcp);
    Outcome first, none, second;
    scheduler
        .start([&] {
          char data[8];
          const Deadline over = std::chrono::steady_clock::now() - 1s;
          ::write(pair[1], "a", 1);
          first = Outcome(io::read(pair[0], data, sizeof data, over));
          none = Outcome(io::read(pair[0], data, sizeof data, over));  // waits, so it is armed now
          ::write(pair[1], "bc", 2);
          second = Outcome(io::read(pair[0], data, sizeof data, over));
        })
        .join();
    CHECK(first.value == 1);
    CHECK(none.error == ETIMEDOUT);
    CHECK(second.value == 2);
  });
}

TEST_CASE("a vthread that gave up at its deadline leaves the event to the others",
          "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    for (const bool prepared : {true, false}) {
      const std::uint64_t parks = scheduler.stats().parks;
      Pair pair(Pair::Kind::unix_stream, prepared);
      char got = 0, unused = 0;
      Outcome gave_up;
      VThread patient = scheduler.start([&] { io::read(pair[0], &got, 1); });
      wait_for_parks(scheduler, parks + 1);
      scheduler
          .start([&] { gave_up = Outcome(io::read(pair[0], &unused, 1, deadline_after(1ms))); })
          .join();
      REQUIRE(::write(pair[1], "x", 1) == 1);
      patient.join();
      CHECK(gave_up.error == ETIMEDOUT);
      CHECK(got == 'x');
    }
  });
}

TEST_CASE("a vthread that is asked to stop leaves every wait of io", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    for (const bool prepared : {true, false}) {
      const Pair pair(Pair::Kind::unix_stream, prepared);
      char byte = 0;
      std::uint64_t parks = scheduler.stats().parks;
      Outcome waiting, next, transfer;
      bool threw = false;
      test::StopHandle first, second;
      VThread reader = scheduler.start([&] {
        first.arrive();
        waiting = Outcome(io::read(pair[0], &byte, 1));
        next = Outcome(io::read(pair[0], &byte, 1));
        transfer = Outcome(io::write(pair[0], &byte, 1));
      });
      wait_for_parks(scheduler, ++parks);
      first.request_stop();
      reader.join();
      CHECK(waiting.error == ECANCELED);
      CHECK(next.error == ECANCELED);
      CHECK(transfer.error == ECANCELED);

      VThread waiter = scheduler.start([&] {
        second.arrive();
        try {
          io::wait(pair[0], POLLIN);
        } catch (const Stopped&) {
          threw = true;
        }
      });
      wait_for_parks(scheduler, ++parks);
      second.request_stop();
      waiter.join();
      CHECK(threw);
    }
  });
}

TEST_CASE("wait tells which of the wanted events are there", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    Pair pair(Pair::Kind::tcp);
    short writable = 0, both = 0, urgent = 0, end = 0;
    VThread waits = scheduler.start([&] {
      writable = io::wait(pair[0], POLLIN | POLLOUT);
      both = io::wait(pair[0], POLLIN);
      char byte = 0;
      io::read(pair[0], &byte, 1);
      urgent = io::wait(pair[0], POLLPRI);
      ::recv(pair[0], &byte, 1, MSG_OOB);
      end = io::wait(pair[0], POLLRDHUP);
    });
    wait_for_parks(scheduler, 1);
    REQUIRE(::write(pair[1], "x", 1) == 1);
    wait_for_parks(scheduler, 2);
    REQUIRE(::send(pair[1], "!", 1, MSG_OOB) == 1);
    wait_for_parks(scheduler, 3);
    REQUIRE(::shutdown(pair[1], SHUT_WR) == 0);
    waits.join();
    CHECK(writable == POLLOUT);
    CHECK(both == POLLIN);
    CHECK((urgent & POLLPRI) != 0);
    CHECK((end & POLLRDHUP) != 0);
    CHECK((io::wait(pair[0], POLLIN | POLLRDHUP) & POLLRDHUP) != 0);
  });
}

// The protocol itself: what a read leaves behind for the next. io_uring cannot tell that there is no urgent
// data (docs/vthreads/io.md), so there every read tries.
TEST_CASE("only a short read of TCP lets the next read wait without trying", "[vthreads][io]") {
  struct Case {
    Pair::Kind kind;
    std::size_t asked;
    bool tries_next;
  };
  for (const Config& config : test::io_configs()) {
    Scheduler scheduler(config);
    const bool epoll = config.poller == Config::Poller::epoll;
    for (const Case& one :
         {Case{Pair::Kind::tcp, 8, !epoll}, Case{Pair::Kind::tcp, 2, true},
          Case{Pair::Kind::unix_stream, 8, true}, Case{Pair::Kind::pipe, 8, true}}) {
      CAPTURE(epoll, static_cast<int>(one.kind), one.asked);
      Pair pair(one.kind);
      const std::uint64_t parks = scheduler.stats().parks;
      bool tries = false, tries_after_nothing = true;
      VThread reader = scheduler.start([&] {
        detail::Poller& poller = detail::current_vthread()->scheduler.poller();
        const auto is_ready = [&] { return (poller.at(pair[0]).word & detail::kReading) != 0; };
        char data[8];
        io::read(pair[0], data, one.asked);  // parks: it is armed now
        tries = is_ready();
        while (io::read(pair[0], data, sizeof data, deadline_after(1ms)) > 0) continue;
        tries_after_nothing = is_ready();
      });
      wait_for_parks(scheduler, parks + 1);
      REQUIRE(::write(pair[1], "abc", 3) == 3);
      reader.join();
      CHECK(tries == one.tries_next);
      CHECK_FALSE(tries_after_nothing);
    }
  }
}

TEST_CASE("eventfd, timerfd and a terminal can be waited for", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    const Fd event(::eventfd(0, EFD_CLOEXEC));
    const Fd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
    int ends[2];
    REQUIRE(::openpty(&ends[0], &ends[1], nullptr, nullptr, nullptr) == 0);
    const Fd master(ends[0]), terminal(ends[1]);
    for (const int fd : {int{event}, int{timer}, int{master}, int{terminal}}) io::prepare(fd);

    std::uint64_t sum = 0, expirations = 0;
    std::string line;
    VThread adds = scheduler.start([&] {
      for (std::uint64_t value = 0; sum < 6; sum += value) io::read(event, &value, sizeof value);
    });
    VThread ticks = scheduler.start([&] {
      for (std::uint64_t value = 0; expirations < 3; expirations += value)
        io::read(timer, &value, sizeof value);
    });
    VThread lines = scheduler.start([&] {
      char data[100];
      while (line.size() < 8) {
        const ssize_t bytes = io::read(terminal, data, sizeof data);  // a line at a time
        if (bytes <= 0) return;
        line.append(data, static_cast<std::size_t>(bytes));
      }
    });
    wait_for_parks(scheduler, 3);
    for (std::uint64_t value = 1; value <= 3; ++value)
      REQUIRE(io::write(event, &value, sizeof value) == sizeof value);
    const itimerspec every{{0, 1000000}, {0, 1000000}};
    REQUIRE(::timerfd_settime(timer, 0, &every, nullptr) == 0);
    REQUIRE(io::write(master, "one\ntwo\n", 8) == 8);
    adds.join();
    ticks.join();
    lines.join();
    CHECK(sum == 6);
    CHECK(expirations >= 3);
    CHECK(line == "one\ntwo\n");
  });
}

TEST_CASE("packets of a pipe come one by one", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    const Pair pair(Pair::Kind::pipe);
    REQUIRE(::fcntl(pair[1], F_SETFL, O_DIRECT | O_NONBLOCK) == 0);
    std::vector<std::string> got;
    VThread reader = scheduler.start([&] {
      char data[100];
      while (got.size() < 3) {
        const ssize_t bytes = io::read(pair[0], data, sizeof data);
        if (bytes <= 0) return;
        got.emplace_back(data, static_cast<std::size_t>(bytes));
      }
    });
    wait_for_parks(scheduler, 1);
    scheduler
        .start([&] {
          for (const char* text : {"one", "two", "four"})
            io::write(pair[1], text, std::string(text).size());
        })
        .join();
    reader.join();
    CHECK(got == std::vector<std::string>{"one", "two", "four"});
  });
}

TEST_CASE("regular files are read and written, and are always ready", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    char name[] = "/tmp/vthreads-io-XXXXXX";
    const Fd file(::mkstemp(name));
    ::unlink(name);
    const auto use = [&](std::string& got, Outcome& end, Outcome& nowhere) {
      io::prepare(file);
      ::lseek(file, 0, SEEK_SET);
      io::wait_readable(file);
      io::wait_writable(file);
      io::write(file, "hello ", 6);
      char world[] = "world";
      const iovec part{world, 5};
      io::writev(file, &part, 1);
      io::pwrite(file, "H", 1, 0);
      char data[32];
      const ssize_t bytes = io::pread(file, data, sizeof data, 0);
      got.assign(data, bytes < 0 ? 0 : static_cast<std::size_t>(bytes));
      end = Outcome(io::read(file, data, sizeof data));
      nowhere = Outcome(io::pread(file, data, sizeof data, -1));
    };
    std::string got;
    Outcome end, nowhere;
    scheduler.start([&] { use(got, end, nowhere); }).join();
    CHECK(got == "Hello world");
    CHECK(end.value == 0);
    CHECK(nowhere.error == EINVAL);
    use(got, end, nowhere);
    CHECK(got == "Hello world");

    Outcome from_socket;
    scheduler
        .start([&] {
          const Pair pair;
          char byte = 0;
          from_socket = Outcome(io::pread(pair[0], &byte, 1, 0));
        })
        .join();
    CHECK(from_socket.error == ESPIPE);
  });
}

TEST_CASE("devices that know no poll are always ready", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    io::prepare(null);
    Outcome read, written;
    scheduler
        .start([&] {
          io::wait_readable(null);
          char byte = 0;
          read = Outcome(io::read(null, &byte, 1));
          written = Outcome(io::write(null, &byte, 1));
        })
        .join();
    CHECK(read.value == 0);
    CHECK(written.value == 1);
  });
}

TEST_CASE("a scheduler that gets no descriptor for its poller says so", "[vthreads][io]") {
  for (const auto poller : {Config::Poller::epoll, Config::Poller::io_uring}) {
    Config config;
    config.carriers = 1;
    config.poller = poller;
    const int next = ::dup(0);
    ::close(next);
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    for (rlim_t more = 0; more < 2; ++more) {  // none at all; enough for the first of two
      const rlimit few{static_cast<rlim_t>(next) + more, before.rlim_max};
      REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
      int error = 0;
      try {
        const Scheduler scheduler(config);
      } catch (const std::system_error& refused) {
        error = refused.code().value();
      }
      REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
      if (more == 0 || poller == Config::Poller::epoll) {
        const bool as_expected = error == EMFILE || (poller == Config::Poller::io_uring &&
                                                     !test::io_uring_is_missing_because().empty());
        CHECK(as_expected);
      }
    }
    const int again = ::dup(0);  // nothing leaked
    CHECK(again == next);
    ::close(again);
  }
}

}  // namespace
}  // namespace vthreads
