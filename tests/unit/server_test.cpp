// The server outside the workload: every request is answered once, after its delay, in the order of the requests.
#include "lab/server.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <sstream>

#include "scenarios/unit_log.h"
#include "support/catch.h"
#include "support/connections.h"

namespace vtlab::test {
namespace {

using lab::DelayServer;
using lab::Fd;

constexpr int kSafetyNetMs =
    20'000;  // not a measure of speed: what never comes must not hang the suite

bool readable(int fd, int timeout_ms) {
  pollfd waiting{fd, POLLIN, 0};
  return poll(&waiting, 1, timeout_ms) == 1;
}

void ask(const Fd& connection) {
  REQUIRE(write(connection.get(), "r", 1) == 1);
}

void take_answer(const Fd& connection) {
  char byte;
  REQUIRE(readable(connection.get(), kSafetyNetMs));
  REQUIRE(read(connection.get(), &byte, 1) == 1);
}

}  // namespace

TEST_CASE(
    "no request is forgotten, however often the timer fires a moment before the answer is due") {
  DelayServer server(1, 1, 50'000);
  const std::vector<Fd> connection = receive(server.hand_over_fd(), 1);
  for (int round = 0; round < 3'000; ++round) {
    ask(connection[0]);
    take_answer(connection[0]);
  }
}

TEST_CASE("an answer never comes before its delay is over") {
  constexpr std::uint64_t kDelay = 20'000'000;
  DelayServer server(3, 3, kDelay);
  const std::vector<Fd> connections = receive(server.hand_over_fd(), 3);
  for (const Fd& connection : connections) {
    const std::uint64_t asked = monotonic_ns();
    ask(connection);
    take_answer(connection);
    CHECK(monotonic_ns() - asked >= kDelay);
  }
}

TEST_CASE("it says when as many units wait as can, and not before") {
  DelayServer server(2, 2, 600'000'000'000);  // never due within this test
  const std::vector<Fd> connections = receive(server.hand_over_fd(), 2);
  ask(connections[0]);
  CHECK_FALSE(readable(server.full_fd(), 0));
  ask(connections[1]);
  CHECK(readable(server.full_fd(), kSafetyNetMs));
  CHECK(server.most_waiting() == 2);
}

TEST_CASE("it also says so when the first answer is due before all wait") {
  DelayServer server(2, 2, 1'000'000);
  const std::vector<Fd> connections = receive(server.hand_over_fd(), 2);
  ask(connections[0]);
  take_answer(connections[0]);
  CHECK(readable(server.full_fd(), kSafetyNetMs));
}

TEST_CASE("a unit that leaves disturbs nobody, and a server that leaves is seen as end of file") {
  std::vector<Fd> connections;
  {
    DelayServer server(3, 3, 1'000'000);
    connections = receive(server.hand_over_fd(), 3);
    ask(connections[0]);
    connections[0].reset();
    ask(connections[1]);
    take_answer(connections[1]);
    CHECK(server.problem().empty());
  }
  char byte;
  CHECK(read(connections[2].get(), &byte, 1) == 0);
}

TEST_CASE("a program that never takes its connections does not keep the server from ending") {
  DelayServer server(10'000, 10'000, 1'000'000);
}

TEST_CASE("over pipes a unit writes to one and reads from the other, and leaves without a signal") {
  DelayServer server(2, 2, 1'000'000, Over::pipe);
  std::vector<Fd> ends = receive(server.hand_over_fd(), 4);  // of each unit: answers, requests
  for (const std::size_t unit : {1, 0}) {
    ask(ends[2 * unit + 1]);
    take_answer(ends[2 * unit]);
  }
  ask(ends[1]);
  ends[0].reset();  // nobody reads this answer
  ask(ends[3]);
  take_answer(ends[2]);
  CHECK(server.problem().empty());
}

TEST_CASE("by TCP only who knows the token is served, and a stranger keeps nobody out") {
  DelayServer server(1, 1, 1'000, Over::socket, lab::HandOver::tcp);
  char text[64] = {};
  REQUIRE(read(server.hand_over_fd(), text, sizeof(text) - 1) > 0);
  std::istringstream words(text);
  std::uint16_t port = 0;
  std::string token;
  words >> port >> token;
  CHECK(token.size() == 32);
  const auto connect_and_say = [&](const std::string& first) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    Fd connection(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(connect(connection.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    REQUIRE(write(connection.get(), first.data(), first.size()) ==
            static_cast<ssize_t>(first.size()));
    return connection;
  };
  const Fd stranger = connect_and_say(std::string(token.size(), 'x'));
  char byte;
  REQUIRE(readable(stranger.get(), kSafetyNetMs));
  CHECK(read(stranger.get(), &byte, 1) <= 0);
  const Fd ours = connect_and_say(token);
  ask(ours);
  take_answer(ours);
}

}  // namespace vtlab::test
