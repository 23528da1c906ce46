// Reading, writing and waiting, for one and for many, with every backend.
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "support/vthreads_io.h"

namespace vthreads {
namespace {

using test::Outcome;
using test::Pair;
using test::wait_for_parks;
constexpr Pair::Kind kKinds[] = {Pair::Kind::unix_stream, Pair::Kind::pipe, Pair::Kind::tcp};

TEST_CASE("a read parks until data comes", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    for (const auto kind : kKinds) {
      const std::uint64_t parks = scheduler.stats().parks;
      Pair pair(kind);
      char got[8] = {};
      Outcome read;
      VThread reader = scheduler.start([&] { read = Outcome(io::read(pair[0], got, sizeof got)); });
      wait_for_parks(scheduler, parks + 1);
      REQUIRE(io::write(pair[1], "hello", 5) == 5);
      reader.join();
      CHECK(read.value == 5);
      CHECK(std::string(got) == "hello");
    }
  });
}

TEST_CASE("a platform thread reads from a vthread in the same way", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    Pair pair;
    char got[8] = {};
    VThread writer = scheduler.start([&] {
      this_vthread::yield();
      io::write(pair[1], "again", 5);
    });
    CHECK(io::read(pair[0], got, sizeof got) == 5);
    writer.join();
  });
}

TEST_CASE("many messages of one byte to many kilobytes arrive in order, in both directions at once",
          "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    for (const auto kind : {Pair::Kind::unix_stream, Pair::Kind::tcp}) {
      Pair pair(kind);
      constexpr std::size_t kTotal = 600000;
      std::atomic<int> wrong{0};
      std::vector<VThread> vthreads;
      for (std::size_t end = 0; end < 2; ++end) {
        vthreads.push_back(scheduler.start([&, fd = pair[end]] {
          test::Random random(7);
          std::string data;
          for (std::size_t sent = 0; sent < kTotal;) {
            const std::size_t most = std::min<std::size_t>(1 + random.below(20000), kTotal - sent);
            data.resize(most);
            for (std::size_t i = 0; i < most; ++i) data[i] = static_cast<char>((sent + i) % 251);
            const ssize_t bytes = io::write(fd, data.data(), most);
            if (bytes <= 0) return void(++wrong);
            sent += static_cast<std::size_t>(bytes);
          }
        }));
        vthreads.push_back(scheduler.start([&, fd = pair[end]] {
          test::Random random(8);
          std::string data(20000, ' ');
          for (std::size_t got = 0; got < kTotal;) {
            const ssize_t bytes = io::read(fd, data.data(), 1 + random.below(data.size()));
            if (bytes <= 0) return void(++wrong);
            for (std::size_t i = 0; i < static_cast<std::size_t>(bytes); ++i)
              wrong += data[i] != static_cast<char>((got + i) % 251);
            got += static_cast<std::size_t>(bytes);
          }
        }));
      }
      test::join_all(vthreads);
      CHECK(wrong == 0);
    }
  });
}

TEST_CASE("a write parks until there is room", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    for (const auto kind : {Pair::Kind::unix_stream, Pair::Kind::pipe}) {
      const std::uint64_t parks = scheduler.stats().parks;
      Pair pair(kind);
      Pair::fill(pair[1]);
      Outcome written;
      VThread writer = scheduler.start([&] { written = Outcome(io::write(pair[1], "more", 4)); });
      wait_for_parks(scheduler, parks + 1);
      std::atomic<bool> done{false};
      std::thread drains([&] {
        while (!done) Pair::drain(pair[0]);
      });
      writer.join();
      done = true;
      drains.join();
      CHECK(written.value == 4);
    }
  });
}

TEST_CASE("a reader and a writer wait on one descriptor and each gets its own event",
          "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    Pair pair;
    Pair::fill(pair[0]);
    std::atomic<int> read_done{0}, write_done{0};
    VThread writer = scheduler.start([&] {
      io::wait_writable(pair[0]);
      write_done = 1;
    });
    wait_for_parks(scheduler, 1);
    char got = 0;
    VThread reader =
        scheduler.start([&] { read_done = static_cast<int>(io::read(pair[0], &got, 1)); });
    wait_for_parks(scheduler, 2);
    REQUIRE(::write(pair[1], "r", 1) == 1);
    reader.join();
    CHECK(read_done == 1);
    CHECK(write_done == 0);
    Pair::drain(pair[1]);
    writer.join();
    CHECK(write_done == 1);
  });
}

TEST_CASE("of many readers as many go on as there are bytes, and the end lets all go",
          "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    for (const auto kind : kKinds) {
      const std::uint64_t parks = scheduler.stats().parks;
      Pair pair(kind);
      std::atomic<int> bytes{0}, ends{0};
      std::vector<VThread> readers;
      for (int i = 0; i < 10; ++i) {
        readers.push_back(scheduler.start([&] {
          char got = 0;
          (io::read(pair[0], &got, 1) == 1 ? bytes : ends) += 1;
        }));
      }
      wait_for_parks(scheduler, parks + 10);
      REQUIRE(::write(pair[1], "1234", 4) == 4);
      test::wait_until([&] { return bytes == 4; });
      pair.close(1);
      test::join_all(readers);
      CHECK(bytes == 4);
      CHECK(ends == 6);
    }
  });
}

TEST_CASE("readers with buffers of different sizes leave no byte behind while one of them waits",
          "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    for (const auto kind : kKinds) {
      Pair pair(kind);
      std::atomic<int> total{0};
      std::vector<VThread> readers;
      for (std::size_t i = 0; i < 6; ++i) {
        readers.push_back(scheduler.start([&, size = i % 3 == 0 ? std::size_t{100} : i] {
          std::array<char, 100> data;
          for (;;) {
            const ssize_t got = io::read(pair[0], data.data(), size);
            if (got <= 0) return;
            total += static_cast<int>(got);
            if (got % 2 == 0) this_vthread::yield();
          }
        }));
      }
      test::Random random(3);
      int sent = 0;
      for (int round = 0; round < test::sized(300); ++round) {
        const std::string data(1 + random.below(60), 'x');
        REQUIRE(io::write(pair[1], data.data(), data.size()) == static_cast<ssize_t>(data.size()));
        sent += static_cast<int>(data.size());
        if (random.below(3) == 0) test::wait_until([&] { return total == sent; });  // or it hangs
      }
      test::wait_until([&] { return total == sent; });
      pair.close(1);
      test::join_all(readers);
      CHECK(total == sent);
    }
  });
}

TEST_CASE(
    "readiness and deadlines are noticed while a vthread that came from the poller keeps its "
    "carrier",
    "[vthreads][io]") {
  for (const Config& config : test::io_configs()) {
    if (config.carriers != 2) continue;
    CAPTURE(config.poller == Config::Poller::io_uring);
    Scheduler scheduler(config);
    for (std::uint64_t round = 0; round < 50; ++round) {
      Pair first, second;
      std::atomic<bool> noticed{false};
      VThread other = scheduler.start([&] {
        char got = 0;
        io::read(second[0], &got, 1);
        this_vthread::sleep_for(std::chrono::microseconds(100));
        noticed = true;
      });
      VThread keeps_carrier = scheduler.start([&] {
        char got = 0;
        io::read(first[0], &got, 1);
        io::write(second[1], "x", 1);
        while (!noticed) std::this_thread::yield();
      });
      wait_for_parks(scheduler, 3 * round + 2);
      if (round % 2 == 0) std::this_thread::yield();
      REQUIRE(::write(first[1], "x", 1) == 1);
      keeps_carrier.join();
      other.join();
    }
    CHECK(scheduler.stats().vthreads_alive == 0);
  }
}

TEST_CASE("errors of io are those of the system call", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    Outcome bad_number, not_open, broken, accepted;
    int wait_error = 0;
    Pair pair;
    pair.close(1);
    scheduler
        .start([&] {
          char byte = 0;
          bad_number = Outcome(io::read(-1, &byte, 1));
          not_open = Outcome(io::write(1 << 20, &byte, 1));
          accepted = Outcome(io::accept(pair[0]));
          broken = Outcome(io::send(pair[0], "x", 1, MSG_NOSIGNAL));
          try {
            io::wait_readable(-1);
          } catch (const std::system_error& error) {
            wait_error = error.code().value();
          }
          io::wait_readable(pair[0]);  // end of file counts as readable
        })
        .join();
    CHECK(bad_number.error == EBADF);
    CHECK(not_open.error == EBADF);
    CHECK(accepted.error == EINVAL);
    CHECK(broken.error == EPIPE);
    CHECK(wait_error == EBADF);
  });
  CHECK_THROWS_AS(io::wait_readable(-1), std::system_error);
  CHECK_THROWS_AS(io::prepare(-1), std::system_error);
  CHECK(io::close(-1) == -1);
}

}  // namespace
}  // namespace vthreads
