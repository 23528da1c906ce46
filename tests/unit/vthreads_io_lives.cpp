// Descriptors that are closed, and numbers that come back as other files.
#include <atomic>
#include <cerrno>
#include <chrono>
#include <string>
#include <vector>

#include "descriptor_lives.h"
#include "segmented_array.h"
#include "support/vthreads_io.h"

namespace vthreads {
namespace {

using test::Fd;
using test::Listener;
using test::Outcome;
using test::Pair;
using test::wait_for_parks;

TEST_CASE("closing a descriptor wakes its reader, its writer and its acceptor with EBADF",
          "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    for (const bool prepared : {true, false}) {
      const std::uint64_t parks = scheduler.stats().parks;
      Pair pair(Pair::Kind::unix_stream, prepared);
      Listener listener;
      Pair::fill(pair[0]);
      Outcome read, written, accepted;
      int waited = 0;
      std::vector<VThread> waiting;
      char byte = 0;
      const int fd = pair[0], listens = listener.fd;  // the others are changed by close()
      waiting.push_back(scheduler.start([&] { read = Outcome(io::read(fd, &byte, 1)); }));
      waiting.push_back(scheduler.start([&] { written = Outcome(io::write(fd, "x", 1)); }));
      waiting.push_back(scheduler.start([&] { accepted = Outcome(io::accept(listens)); }));
      waiting.push_back(scheduler.start([&] {
        try {
          io::wait_readable(fd);
        } catch (const std::system_error& error) {
          waited = error.code().value();
        }
      }));
      wait_for_parks(scheduler, parks + 4);
      pair.close(0);
      listener.fd.close();
      test::join_all(waiting);
      CHECK(read.error == EBADF);
      CHECK(written.error == EBADF);
      CHECK(accepted.error == EBADF);
      CHECK(waited == EBADF);
    }
  });
}

TEST_CASE("closing a descriptor wakes who waits on it in any scheduler", "[vthreads][io]") {
  for (const Config& config : test::io_configs()) {
    Scheduler first(config), second(config);
    Pair pair;
    char byte = 0;
    Outcome in_first, in_second;
    const int fd = pair[0];
    VThread one = first.start([&] { in_first = Outcome(io::read(fd, &byte, 1)); });
    VThread two = second.start([&] { in_second = Outcome(io::read(fd, &byte, 1)); });
    wait_for_parks(first, 1);
    wait_for_parks(second, 1);
    second.start([&] { pair.close(0); }).join();
    one.join();
    two.join();
    CHECK(in_first.error == EBADF);
    CHECK(in_second.error == EBADF);
  }
}

TEST_CASE("the peer sees the end as soon as a descriptor that was waited for is closed",
          "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    for (const bool prepared : {true, false}) {
      const std::uint64_t parks = scheduler.stats().parks;
      Pair pair(Pair::Kind::tcp, prepared);
      char byte = 0;
      Outcome end;
      VThread closed = scheduler.start([&, fd = pair[0]] { io::read(fd, &byte, 1); });
      VThread peer = scheduler.start([&] { end = Outcome(io::read(pair[1], &byte, 1)); });
      wait_for_parks(scheduler, parks + 2);
      pair.close(0);
      closed.join();
      peer.join();
      CHECK(end.value == 0);
    }
  });
}

TEST_CASE("a number that io::close freed works for its next file, and waits for that",
          "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    int number = -1;
    for (std::uint64_t round = 0; round < 12; ++round) {
      Pair pair(round % 3 == 0   ? Pair::Kind::pipe
                : round % 3 == 1 ? Pair::Kind::tcp
                                 : Pair::Kind::unix_stream);
      if (round == 0) number = pair[0];
      Outcome read;
      char got = 0;
      VThread reader = scheduler.start([&] { read = Outcome(io::read(pair[0], &got, 1)); });
      wait_for_parks(scheduler, round + 1);
      REQUIRE(::write(pair[1], "x", 1) == 1);
      reader.join();
      CHECK(got == 'x');
    }
    const Pair last(Pair::Kind::pipe);
    CHECK(last[0] == number);
  });
}

TEST_CASE("a number that was closed with close(2) works once it is prepared again",
          "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    char got = 0;
    for (std::uint64_t round = 0; round < 6; ++round) {
      Pair pair(round % 2 == 0 ? Pair::Kind::pipe : Pair::Kind::unix_stream);
      VThread reader = scheduler.start([&] { io::read(pair[0], &got, 1); });
      wait_for_parks(scheduler, round + 1);
      const char sent = static_cast<char>('a' + round);
      REQUIRE(::write(pair[1], &sent, 1) == 1);
      reader.join();
      CHECK(got == sent);
      ::close(pair.release(0));
      ::close(pair.release(1));
    }
  });
}

TEST_CASE("who waits on a number that is prepared anew is told that the file is gone",
          "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    Pair old;
    Outcome before, after;
    char got = 0;
    VThread first = scheduler.start([&] { before = Outcome(io::read(old[0], &got, 1)); });
    wait_for_parks(scheduler, 1);

    const Fd other_number(::dup(old[0]));  // the old file lives on, and epoll goes on watching it
    Pair fresh;
    REQUIRE(::dup2(fresh[0], old[0]) == old[0]);
    io::prepare(old[0]);
    first.join();
    CHECK(before.error == EBADF);

    VThread second = scheduler.start([&] { after = Outcome(io::read(old[0], &got, 1)); });
    wait_for_parks(scheduler, 2);
    REQUIRE(::write(old[1], "1", 1) == 1);  // an event of the old file means nothing to the new
    REQUIRE(::write(fresh[1], "2", 1) == 1);
    second.join();
    CHECK(after.value == 1);
    CHECK(got == '2');
  });
}

TEST_CASE("a descriptor that was never prepared survives close(2) and the reuse of its number",
          "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    for (std::uint64_t round = 0; round < 6; ++round) {
      Pair pair(round % 2 == 0 ? Pair::Kind::pipe : Pair::Kind::unix_stream, false);
      char got = 0;
      Outcome timed_out, read;
      std::atomic<std::uint64_t> parks{0};  // before the second read
      VThread reader = scheduler.start([&] {
        timed_out =
            Outcome(io::read(pair[0], &got, 1, deadline_after(std::chrono::milliseconds(1))));
        parks = scheduler.stats().parks + 1;
        read = Outcome(io::read(pair[0], &got, 1));
      });
      test::wait_until([&] { return parks != 0; });
      wait_for_parks(scheduler, parks);
      const char sent = static_cast<char>('a' + round);
      REQUIRE(::write(pair[1], &sent, 1) == 1);
      reader.join();
      CHECK(timed_out.error == ETIMEDOUT);
      CHECK(read.value == 1);
      CHECK(got == sent);
      ::close(pair.release(0));
      ::close(pair.release(1));
    }
  });
}

TEST_CASE("a reader and a writer share a descriptor that was never prepared", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    Pair pair(Pair::Kind::unix_stream, false);
    Pair::fill(pair[0]);
    Outcome read, written;
    char got = 0;
    VThread reader = scheduler.start([&] { read = Outcome(io::read(pair[0], &got, 1)); });
    wait_for_parks(scheduler, 1);
    VThread writer = scheduler.start([&] { written = Outcome(io::write(pair[0], "w", 1)); });
    wait_for_parks(scheduler, 2);
    REQUIRE(::write(pair[1], "r", 1) == 1);
    reader.join();
    CHECK(read.value == 1);
    Pair::drain(pair[1]);
    writer.join();
    CHECK(written.value == 1);
  });
}

TEST_CASE("every life of a number differs from the one before, and from none", "[vthreads][io]") {
  const int number = 5000;
  detail::Life before = detail::life_of(number);
  CHECK_FALSE(before == detail::Life());
  CHECK_FALSE(before.is_prepared());
  for (const bool prepared : {true, true, false, false, true}) {
    const detail::Life life = detail::begin_life(number, prepared, detail::FileKind::tcp);
    CHECK(life == detail::life_of(number));
    CHECK_FALSE(life == before);
    CHECK(life.tag() != before.tag());
    CHECK(life.is_prepared() == prepared);
    CHECK(life.kind() == detail::FileKind::tcp);
    before = life;
  }
  CHECK_FALSE(detail::life_of(number + 1) == before);
}

TEST_CASE("a segmented array has an element of its own for every number", "[vthreads][io]") {
  detail::SegmentedArray<std::atomic<int>> array;
  const std::vector<int> numbers{0, 1, 1022, 1023, 1024, 3071, 3072, 70000, 1 << 20, 1 << 21};
  CHECK(array.find(70000) == nullptr);
  for (const int number : numbers) {
    CHECK(array.at(number) == 0);
    array.at(number) = number + 1;
  }
  for (const int number : numbers) {
    REQUIRE(array.find(number) == &array.at(number));
    CHECK(array.at(number) == number + 1);
  }
}

}  // namespace
}  // namespace vthreads
