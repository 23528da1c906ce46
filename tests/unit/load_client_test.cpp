// The client outside: asks on every connection, one request after the other, and then closes.
#include "lab/load_client.h"

#include <poll.h>
#include <unistd.h>

#include "support/catch.h"
#include "support/connections.h"

namespace vtlab::test {
namespace {

using lab::Fd;
using lab::LoadClient;

// A server of one thread: echoes on all connections until each has ended. Its count of bytes echoed.
std::size_t echo_all(std::vector<Fd>& connections) {
  std::size_t echoed = 0;
  for (std::size_t open = connections.size(); open > 0;) {
    std::vector<pollfd> waiting;
    for (const Fd& connection : connections) waiting.push_back({connection.get(), POLLIN, 0});
    REQUIRE(poll(waiting.data(), waiting.size(), 20'000) > 0);
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].revents == 0) continue;
      char buffer[100];
      const ssize_t got = read(waiting[i].fd, buffer, sizeof(buffer));
      if (got > 0) {
        REQUIRE(write(waiting[i].fd, buffer, static_cast<std::size_t>(got)) == got);
        echoed += static_cast<std::size_t>(got);
      } else {
        connections[i].reset();
        --open;
      }
    }
  }
  return echoed;
}

}  // namespace

TEST_CASE("a client sends nothing before the window opens, then every request once, and closes") {
  LoadClient client(3, 7);
  std::vector<Fd> connections = receive(client.hand_over_fd(), 3);
  pollfd first{connections[0].get(), POLLIN, 0};
  CHECK(poll(&first, 1, 0) == 0);
  CHECK_FALSE(client.load());
  client.begin();
  CHECK(echo_all(connections) == 3 * 7 * 64);
  REQUIRE(client.load());
  const lab::LoadFacts facts = *client.load();
  CHECK(facts.requests == 3 * 7);
  CHECK(facts.p50_ns > 0);
  CHECK(facts.p50_ns <= facts.p99_ns);
  CHECK(facts.p99_ns <= facts.duration_ns);
}

TEST_CASE("a unit that leaves without an answer is one that was not answered") {
  LoadClient client(2, 5);
  std::vector<Fd> connections = receive(client.hand_over_fd(), 2);
  connections.erase(connections.begin());
  client.begin();
  CHECK(echo_all(connections) == 5 * 64);
  REQUIRE(client.load());
  CHECK(client.load()->requests == 5);
}

TEST_CASE("a client whose server never takes its connections can be stopped") {
  LoadClient client(10'000, 1);
}

}  // namespace vtlab::test
