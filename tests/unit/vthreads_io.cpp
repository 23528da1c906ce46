#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_fixture.h"
#include "vthreads/io.h"

namespace vthreads {
namespace {

// Two connected descriptors, closed at the end.
class Pair {
 public:
  enum class Kind { sockets, pipe };
  explicit Pair(Kind kind = Kind::sockets) {
    const int result =
        kind == Kind::sockets ? ::socketpair(AF_UNIX, SOCK_STREAM, 0, fds_) : ::pipe(fds_);
    if (result != 0) throw std::system_error(errno, std::generic_category());
    io::prepare(fds_[0]);
    io::prepare(fds_[1]);
  }
  ~Pair() {
    close(0);
    close(1);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  int operator[](std::size_t i) const { return fds_[i]; }
  void close(std::size_t i) {
    if (fds_[i] >= 0) ::close(std::exchange(fds_[i], -1));
  }
  // Fills the way from fds[0] to fds[1].
  void fill() {
    const std::string block(4096, 'x');
    while (::write(fds_[0], block.data(), block.size()) > 0) continue;
  }
  void drain() {
    std::string block(1 << 16, 'x');
    while (::read(fds_[1], block.data(), block.size()) > 0) continue;
  }

 private:
  int fds_[2];
};

void wait_for_parks(const Scheduler& scheduler, std::uint64_t parks) {
  test::wait_until([&] { return scheduler.stats().parks >= parks; });
}

TEST_CASE("a read parks until data comes, also for a platform thread", "[vthreads][io]") {
  for (const auto kind : {Pair::Kind::pipe, Pair::Kind::sockets}) {
    Scheduler scheduler({.carriers = 1});
    Pair pair(kind);
    char got[8] = {};
    ssize_t bytes = 0;
    VThread reader = scheduler.start([&] { bytes = io::read(pair[0], got, sizeof got); });
    if (kind == Pair::Kind::sockets) {
      wait_for_parks(scheduler, 1);
      REQUIRE(io::write(pair[1], "hello", 5) == 5);
      reader.join();
      CHECK(std::string(got) == "hello");

      VThread writer = scheduler.start([&] { io::write(pair[1], "again", 5); });
      CHECK(io::read(pair[0], got, sizeof got) == 5);
      writer.join();
    } else {
      wait_for_parks(scheduler, 1);
      REQUIRE(io::write(pair[1], "hello", 5) == 5);
      reader.join();
    }
    CHECK(bytes == 5);
  }
}

TEST_CASE("a write parks until there is room", "[vthreads][io]") {
  Scheduler scheduler({.carriers = 1});
  Pair pair;
  pair.fill();
  ssize_t bytes = 0;
  VThread writer = scheduler.start([&] { bytes = io::write(pair[0], "more", 4); });
  wait_for_parks(scheduler, 1);
  pair.drain();
  writer.join();
  CHECK(bytes == 4);
}

TEST_CASE("a reader and a writer wait on one descriptor and each gets its own event",
          "[vthreads][io]") {
  Scheduler scheduler({.carriers = 1});
  Pair pair;
  pair.fill();
  std::atomic<int> read_done{0}, write_done{0};
  VThread writer = scheduler.start([&] {
    io::wait_writable(pair[0]);
    write_done = 1;
  });
  char got = 0;
  VThread reader =
      scheduler.start([&] { read_done = static_cast<int>(io::read(pair[0], &got, 1)); });
  wait_for_parks(scheduler, 2);
  REQUIRE(::write(pair[1], "r", 1) == 1);
  reader.join();
  CHECK(read_done == 1);
  CHECK(write_done == 0);
  pair.drain();
  writer.join();
  CHECK(write_done == 1);
}

TEST_CASE(
    "of many readers on one descriptor as many go on as there are bytes, and the end lets all go",
    "[vthreads][io]") {
  Scheduler scheduler({.carriers = 2});
  Pair pair(Pair::Kind::pipe);
  std::atomic<int> bytes{0}, ends{0};
  std::vector<VThread> readers;
  for (int i = 0; i < 10; ++i) {
    readers.push_back(scheduler.start([&] {
      char got = 0;
      (io::read(pair[0], &got, 1) == 1 ? bytes : ends) += 1;
    }));
  }
  wait_for_parks(scheduler, 10);
  REQUIRE(::write(pair[1], "1234", 4) == 4);
  test::wait_until([&] { return bytes == 4; });
  pair.close(1);
  test::join_all(readers);
  CHECK(bytes == 4);
  CHECK(ends == 6);
}

TEST_CASE("a descriptor number that was closed and reused works for the new file",
          "[vthreads][io]") {
  Scheduler scheduler({.carriers = 1});
  int number = -1;
  for (int round = 0; round < 5; ++round) {
    Pair pair(round % 2 == 0 ? Pair::Kind::pipe : Pair::Kind::sockets);
    if (round == 0) number = pair[0];
    REQUIRE(pair[0] == number);
    char got = 0;
    VThread reader = scheduler.start([&] { io::read(pair[0], &got, 1); });
    wait_for_parks(scheduler, static_cast<std::uint64_t>(round) + 1);
    REQUIRE(::write(pair[1], "x", 1) == 1);
    reader.join();
    CHECK(got == 'x');
  }
}

TEST_CASE("a descriptor number whose old file lives on under another number works too",
          "[vthreads][io]") {
  Scheduler scheduler({.carriers = 1});
  Pair old;
  char got = 0;
  VThread first = scheduler.start([&] { io::read(old[0], &got, 1); });
  wait_for_parks(scheduler, 1);
  REQUIRE(::write(old[1], "1", 1) == 1);
  first.join();

  const int other_number = ::dup(old[0]);
  Pair fresh;
  REQUIRE(::dup2(fresh[0], old[0]) == old[0]);
  VThread second = scheduler.start([&] { io::read(old[0], &got, 1); });
  wait_for_parks(scheduler, 2);
  REQUIRE(::write(fresh[1], "2", 1) == 1);
  second.join();
  CHECK(got == '2');
  ::close(other_number);
}

TEST_CASE(
    "readiness and deadlines are noticed while a vthread that came from the poller keeps its "
    "carrier",
    "[vthreads][io]") {
  Scheduler scheduler({.carriers = 2});
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

TEST_CASE("errors are those of the system call", "[vthreads][io]") {
  Scheduler scheduler({.carriers = 1});
  int read_error = 0, wait_error = 0, pipe_error = 0;
  Pair pair;
  pair.close(1);
  scheduler
      .start([&] {
        char byte = 0;
        if (io::read(-1, &byte, 1) == -1) read_error = errno;
        try {
          io::wait_readable(-1);
        } catch (const std::system_error& error) {
          wait_error = error.code().value();
        }
        if (::send(pair[0], "x", 1, MSG_NOSIGNAL) == -1) pipe_error = errno;
        io::wait_readable(pair[0]);  // end of file counts as readable
      })
      .join();
  CHECK(read_error == EBADF);
  CHECK(wait_error == EBADF);
  CHECK(pipe_error == EPIPE);
  CHECK_THROWS_AS(io::wait_readable(-1), std::system_error);
  CHECK_THROWS_AS(io::prepare(-1), std::system_error);
}

TEST_CASE("a regular file is always ready", "[vthreads][io]") {
  Scheduler scheduler({.carriers = 1});
  const int file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  REQUIRE(file >= 0);
  char magic[4] = {};
  scheduler
      .start([&] {
        io::wait_readable(file);
        io::read(file, magic, sizeof magic);
      })
      .join();
  CHECK(std::string(magic, 4) == "\177ELF");
  ::close(file);
}

}  // namespace
}  // namespace vthreads
