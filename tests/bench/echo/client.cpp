// bench-echo-client: the load for TCP echo. One thread and one epoll; N connections, each of which sends 64
// bytes, waits for them to come back, and sends the next (a closed loop).
//
// Measures the server's CPU time too, on the server's own CPU clock (clock_getcpuclockid(3)), so that both
// ends of the window are the client's.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "../bench.h"

namespace vtlab::bench {
namespace {

constexpr std::size_t kMessage = 64;
constexpr int kEventsAtOnce = 256;

int check(int result, const char* call) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), call);
  return result;
}

struct Connection {
  int fd = -1;
  std::size_t received = 0;
  Clock::time_point sent;
};

class Client {
 public:
  Client(in_port_t port, std::size_t connections) : connections_(connections) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const int on = 1;
    for (Connection& connection : connections_) {
      connection.fd = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
      check(connect(connection.fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)),
            "connect");
      check(setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), "setsockopt");
      epoll_event wanted{};
      wanted.events = EPOLLIN;
      wanted.data.ptr = &connection;
      check(epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &wanted), "epoll_ctl");
    }
    for (Connection& connection : connections_) send_next(connection, Clock::now());
  }

  /// Nanoseconds of every request that was answered within that time.
  std::vector<std::uint32_t> load(std::chrono::milliseconds time) {
    std::vector<std::uint32_t> latencies;
    latencies.reserve(4'000'000);
    const Clock::time_point end = Clock::now() + time;
    epoll_event ready[kEventsAtOnce];
    Clock::time_point now;
    do {
      const int count = epoll_wait(epoll_, ready, kEventsAtOnce, 1000);
      if (count < 0 && errno != EINTR) check(count, "epoll_wait");
      if (count == 0) throw std::runtime_error("the server has not answered for a second");
      for (int i = 0; i < count; ++i) {
        Connection& connection = *static_cast<Connection*>(ready[i].data.ptr);
        if (!receive(connection)) continue;
        now = Clock::now();
        latencies.push_back(static_cast<std::uint32_t>((now - connection.sent).count()));
        send_next(connection, now);
      }
      now = Clock::now();
    } while (now < end);
    return latencies;
  }

 private:
  void send_next(Connection& connection, Clock::time_point now) {
    static constexpr char kData[kMessage] = {};
    connection.sent = now;
    connection.received = 0;
    check(static_cast<int>(send(connection.fd, kData, kMessage, MSG_NOSIGNAL)), "send");
  }

  // True once the whole answer is there.
  static bool receive(Connection& connection) {
    char data[kMessage];
    const int bytes = check(static_cast<int>(recv(connection.fd, data, sizeof(data), 0)), "recv");
    if (bytes == 0) throw std::runtime_error("the server has closed a connection");
    connection.received += static_cast<std::size_t>(bytes);
    return connection.received == kMessage;
  }

  int epoll_ = check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  std::vector<Connection> connections_;
};

double cpu_ns(clockid_t clock) {
  timespec time{};
  check(clock_gettime(clock, &time), "clock_gettime");
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

double quantile_ms(std::vector<std::uint32_t>& latencies, double part) {
  const auto at = static_cast<std::ptrdiff_t>(part * static_cast<double>(latencies.size() - 1));
  std::nth_element(latencies.begin(), latencies.begin() + at, latencies.end());
  return latencies[static_cast<std::size_t>(at)] * 1e-6;
}

void measure(const Options& options, in_port_t port, pid_t server, int warmup_ms) {
  clockid_t server_clock{};
  if (clock_getcpuclockid(server, &server_clock) != 0)
    throw std::runtime_error("no CPU clock of that server");
  Client client(port, options.n);
  client.load(std::chrono::milliseconds(warmup_ms));
  const double cpu = cpu_ns(server_clock);
  std::vector<std::uint32_t> latencies;
  const double wall =
      seconds([&] { latencies = client.load(std::chrono::milliseconds(options.ops)); });
  const double used = cpu_ns(server_clock) - cpu;
  const double requests = static_cast<double>(latencies.size());
  report(options, "echo-requests", requests / wall, "1/s");
  report(options, "echo-p50", quantile_ms(latencies, 0.50), "ms");
  report(options, "echo-p99", quantile_ms(latencies, 0.99), "ms");
  report(options, "echo-cpu", used / requests, "ns");
}

}  // namespace
}  // namespace vtlab::bench

// Numbers only, from run.py: PORT SERVER-TGID CONNECTIONS CARRIERS WARMUP-MS WINDOW-MS
int main(int argc, char** argv) try {
  using namespace vtlab::bench;
  if (argc != 7) {
    std::fprintf(stderr, "%s: PORT SERVER-TGID CONNECTIONS CARRIERS WARMUP-MS WINDOW-MS\n",
                 argv[0]);
    return 2;
  }
  const auto number = [&](int i) { return std::strtoull(argv[i], nullptr, 10); };
  Options options{.work = "echo", .n = number(3), .ops = number(6), .carriers = number(4)};
  measure(options, static_cast<in_port_t>(number(1)), static_cast<pid_t>(number(2)),
          static_cast<int>(number(5)));
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
  return 1;
}
