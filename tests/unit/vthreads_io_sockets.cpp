// What is special about sockets: connections, their ends, and what makes a short read say nothing.
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "support/vthreads_io.h"

namespace vthreads {
namespace {

using test::as_sockaddr;
using test::Bound;
using test::Fd;
using test::Listener;
using test::Outcome;
using test::Pair;
using test::wait_for_parks;

// Reads until the end; what came.
std::string read_all(int fd, std::size_t at_once = 4096) {
  std::string all, data(at_once, ' ');
  for (;;) {
    const ssize_t bytes = io::read(fd, data.data(), data.size());
    if (bytes < 0) return all + " and error " + std::to_string(io::last_error());
    if (bytes == 0) return all;
    all.append(data, 0, static_cast<std::size_t>(bytes));
  }
}

TEST_CASE("vthreads connect, accept and echo over TCP, many at once", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    Listener listener;
    constexpr int kClients = 40;
    std::atomic<int> wrong{0};
    VThread server = scheduler.start([&] {
      for (int i = 0; i < kClients; ++i) {
        const int fd = io::accept(listener.fd);
        if (fd < 0) return void(++wrong);
        scheduler
            .start([fd] {
              const Fd connection(fd);
              std::array<char, 64> data;
              while (const ssize_t bytes = io::read(fd, data.data(), data.size())) {
                if (bytes < 0 ||
                    io::write(fd, data.data(), static_cast<std::size_t>(bytes)) != bytes)
                  break;
              }
            })
            .detach();
      }
    });
    std::vector<VThread> clients;
    for (int i = 0; i < kClients; ++i) {
      clients.push_back(scheduler.start([&, i] {
        const Fd fd(io::socket(AF_INET, SOCK_STREAM, 0));
        if (io::connect(fd, as_sockaddr(listener.address), sizeof listener.address) != 0)
          return void(++wrong);
        for (int round = 0; round < 20; ++round) {
          const std::string sent = std::to_string(i) + ":" + std::to_string(round);
          std::string got(sent.size(), ' ');
          wrong += io::send(fd, sent.data(), sent.size(), MSG_NOSIGNAL) !=
                   static_cast<ssize_t>(sent.size());
          wrong += io::recv(fd, got.data(), got.size(), 0) != static_cast<ssize_t>(got.size());
          wrong += got != sent;
        }
      }));
    }
    test::join_all(clients);
    server.join();
    CHECK(wrong == 0);
  });
}

TEST_CASE("several acceptors of one listener accept all connections, one each", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    Listener listener;
    constexpr int kAcceptors = 5;
    std::atomic<int> accepted{0}, closed{0};
    std::vector<VThread> acceptors;
    for (int i = 0; i < kAcceptors; ++i) {
      acceptors.push_back(scheduler.start([&, fd = int{listener.fd}] {
        for (;;) {
          const Outcome got(io::accept(fd));
          if (got.value < 0) return void(closed += got.error == EBADF);
          io::close(static_cast<int>(got.value));
          ++accepted;
        }
      }));
    }
    wait_for_parks(scheduler, kAcceptors);
    constexpr int kConnections = 60;
    for (int i = 1; i <= kConnections; ++i) {
      const Fd client(io::socket(AF_INET, SOCK_STREAM, 0));
      REQUIRE(io::connect(client, as_sockaddr(listener.address), sizeof listener.address) == 0);
      if (i % 7 == 0) test::wait_until([&] { return accepted == i; });
    }
    test::wait_until([&] { return accepted == kConnections; });
    listener.fd.close();
    test::join_all(acceptors);
    CHECK(closed == kAcceptors);
  });
}

TEST_CASE("data and the end of file that come as one event are both read", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    for (const auto kind : {Pair::Kind::tcp, Pair::Kind::unix_stream, Pair::Kind::pipe}) {
      for (int round = 0; round < 20; ++round) {
        Pair pair(kind);
        const std::uint64_t parks = scheduler.stats().parks;
        std::string got;
        VThread reader = scheduler.start([&] { got = read_all(pair[0]); });
        wait_for_parks(scheduler, parks + 1);
        // On a single carrier the reader cannot run in between.
        scheduler
            .start([&] {
              io::write(pair[1], "data", 4);
              pair.close(1);
            })
            .join();
        reader.join();
        REQUIRE(got == "data");
      }
    }
  });
}

TEST_CASE("an end that comes after a short read wakes the reader that parked without trying",
          "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    Pair pair(Pair::Kind::tcp);
    std::string got;
    VThread reader = scheduler.start([&] { got = read_all(pair[0]); });
    for (std::uint64_t i = 1; i <= 3; ++i) {
      wait_for_parks(scheduler, i);
      REQUIRE(::write(pair[1], "12", 2) == 2);
    }
    wait_for_parks(scheduler, 4);
    REQUIRE(::shutdown(pair[1], SHUT_WR) == 0);
    reader.join();
    CHECK(got == "121212");
  });
}

TEST_CASE("urgent data between other data makes short reads, and nobody hangs", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    Pair pair(Pair::Kind::tcp);
    std::string got;
    VThread reader = scheduler.start([&] {
      std::array<char, 64> data;
      while (got.size() < 6) {
        const ssize_t bytes = io::read(pair[0], data.data(), data.size());
        if (bytes <= 0) break;
        got.append(data.data(), static_cast<std::size_t>(bytes));
      }
    });
    wait_for_parks(scheduler, 1);
    scheduler
        .start([&] {
          ::send(pair[1], "abc", 3, 0);
          ::send(pair[1], "!", 1, MSG_OOB);
          ::send(pair[1], "def", 3, 0);
        })
        .join();
    reader.join();
    CHECK(got == "abcdef");
  });
}

TEST_CASE("half a connection can be closed while the other half goes on", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    Pair pair(Pair::Kind::tcp);
    std::string at_server, at_client;
    VThread server = scheduler.start([&] {
      at_server = read_all(pair[0]);
      for (int i = 0; i < 3; ++i) {
        io::write(pair[0], "answer", 6);
        this_vthread::yield();
      }
      ::shutdown(pair[0], SHUT_WR);
    });
    VThread client = scheduler.start([&] {
      io::write(pair[1], "question", 8);
      ::shutdown(pair[1], SHUT_WR);
      at_client = read_all(pair[1]);
    });
    server.join();
    client.join();
    CHECK(at_server == "question");
    CHECK(at_client == "answeransweranswer");
  });
}

TEST_CASE("shutdown wakes a parked reader, and a reset one with its error", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    Pair pair(Pair::Kind::tcp), other(Pair::Kind::tcp);
    char byte = 0;
    Outcome end, reset;
    VThread first = scheduler.start([&] { end = Outcome(io::read(pair[0], &byte, 1)); });
    VThread second = scheduler.start([&] { reset = Outcome(io::read(other[0], &byte, 1)); });
    wait_for_parks(scheduler, 2);
    REQUIRE(::shutdown(pair[0], SHUT_RDWR) == 0);
    first.join();
    CHECK(end.value == 0);
    const linger at_once{1, 0};
    REQUIRE(::setsockopt(other[1], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
    other.close(1);
    second.join();
    CHECK(reset.error == ECONNRESET);
  });
}

TEST_CASE("connecting to nobody is refused, on vthreads and platform threads", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    sockaddr_in nobody{};
    {
      const Bound bound(SOCK_STREAM);  // its port is free again, and very likely nobody's
      nobody = bound.address;
    }
    const auto attempt = [&] {
      const Fd fd(io::socket(AF_INET, SOCK_STREAM, 0));
      return Outcome(io::connect(fd, as_sockaddr(nobody), sizeof nobody));
    };
    Outcome on_vthread;
    scheduler.start([&] { on_vthread = attempt(); }).join();
    CHECK(on_vthread.error == ECONNREFUSED);
    CHECK(attempt().error == ECONNREFUSED);
  });
}

TEST_CASE("a connect whose listener's queue is full ends with its deadline", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    const Bound bound(SOCK_STREAM);
    REQUIRE(::listen(bound.fd, 0) == 0);
    Outcome last;
    scheduler
        .start([&] {
          std::vector<Fd> clients;  // a full queue drops SYNs, so some connect will get no answer
          for (int i = 0; i < 10 && last.value != -1; ++i) {
            clients.emplace_back(io::socket(AF_INET, SOCK_STREAM, 0));
            last = Outcome(io::connect(clients.back(), as_sockaddr(bound.address),
                                       sizeof bound.address,
                                       deadline_after(std::chrono::milliseconds(30))));
          }
        })
        .join();
    CHECK(last.value == -1);
    CHECK(last.error == ETIMEDOUT);
  });
}

TEST_CASE("accept without a free descriptor says EMFILE, and accepts once there is one",
          "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    Listener listener;
    const Fd client(io::socket(AF_INET, SOCK_STREAM, 0));
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    Outcome refused, accepted;
    std::atomic<bool> has_tried{false}, may_retry{false};
    VThread acceptor = scheduler.start([&] {
      refused = Outcome(io::accept(listener.fd));
      has_tried = true;
      test::wait_until([&] { return may_retry.load(); });
      accepted = Outcome(io::accept(listener.fd));
    });
    wait_for_parks(scheduler, 1);
    const int next = ::dup(client);  // the lowest free number
    ::close(next);
    const rlimit none{static_cast<rlim_t>(next), before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    const int connected = ::connect(client, as_sockaddr(listener.address), sizeof listener.address);
    const int connect_error = errno;
    test::wait_until([&] { return has_tried.load(); });
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    may_retry = true;
    acceptor.join();
    CHECK((connected == 0 || connect_error == EINPROGRESS));
    CHECK(refused.error == EMFILE);
    CHECK(accepted.value >= 0);
    io::close(static_cast<int>(accepted.value));
  });
}

TEST_CASE("datagrams come one by one, however many wait in the queue", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    const Bound receiver(SOCK_DGRAM), sender(SOCK_DGRAM);
    REQUIRE(io::connect(sender.fd, as_sockaddr(receiver.address), sizeof receiver.address) == 0);
    std::vector<std::string> got;
    VThread reader = scheduler.start([&] {
      std::array<char, 100> data;
      while (got.empty() || got.back() != "end") {
        const ssize_t bytes = io::recv(receiver.fd, data.data(), data.size(), 0);
        if (bytes <= 0) break;
        got.emplace_back(data.data(), static_cast<std::size_t>(bytes));
      }
    });
    wait_for_parks(scheduler, 1);
    scheduler
        .start([&] {
          for (const char* text : {"one", "two", "three", "end"})
            io::send(sender.fd, text, std::string(text).size(), 0);
        })
        .join();
    reader.join();
    CHECK(got == std::vector<std::string>{"one", "two", "three", "end"});
  });
}

TEST_CASE("a message with parts and control data is sent and received", "[vthreads][io]") {
  test::on_every_io_config([](Scheduler& scheduler) {
    Pair pair;
    char first[3] = {}, second[8] = {};
    Outcome scattered, message;
    VThread reader = scheduler.start([&] {
      const std::array<iovec, 2> parts{{{first, 2}, {second, 3}}};
      scattered = Outcome(io::readv(pair[0], parts.data(), 2));
      iovec part{second, 7};
      msghdr header{};
      header.msg_iov = &part;
      header.msg_iovlen = 1;
      message = Outcome(io::recvmsg(pair[0], &header, 0));
    });
    wait_for_parks(scheduler, 1);
    char text[] = "vector";
    const std::array<iovec, 2> parts{{{text, 1}, {text + 1, 4}}};
    REQUIRE(io::writev(pair[1], parts.data(), 2) == 5);
    wait_for_parks(scheduler, 2);
    iovec part{text, 6};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    REQUIRE(io::sendmsg(pair[1], &header, 0) == 6);
    reader.join();
    CHECK(scattered.value == 5);
    CHECK(std::string(first) == "ve");
    CHECK(message.value == 6);
    CHECK(std::string(second) == "vector");
  });
}

}  // namespace
}  // namespace vthreads
