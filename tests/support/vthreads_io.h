// vthreads_io.h — what the tests of io share: schedulers with every backend, and things to read from.
//
// Rule      Descriptors are closed with io::close(), unless a test is about those that are not.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "support/catch.h"
#include "support/vthreads_fixture.h"
#include "vthreads/io.h"

namespace vthreads::test {

/// Why io_uring cannot be had here; empty if it can.
inline const std::string& io_uring_is_missing_because() {
  static const std::string reason = []() -> std::string {
    try {
      Config config;
      config.carriers = 1;
      config.poller = Config::Poller::io_uring;
      const Scheduler scheduler(config);
      return {};
    } catch (const std::system_error& error) {
      return error.what();
    }
  }();
  return reason;
}

/// Both backends, on one and on two carriers.
inline std::vector<Config> io_configs() {
  std::vector<Config> configs;
  for (const auto poller : {Config::Poller::epoll, Config::Poller::io_uring}) {
    if (poller == Config::Poller::io_uring && !io_uring_is_missing_because().empty()) continue;
    for (const unsigned carriers : {1U, 2U}) {
      Config config;
      config.carriers = carriers;
      config.poller = poller;
      configs.push_back(config);
    }
  }
  return configs;
}

/// Runs `body(scheduler)` with each of them, and checks that it leaves no vthread alive.
template <class Body>
void on_every_io_config(Body body) {
  for (const Config& config : io_configs()) {
    CAPTURE(config.carriers, config.poller == Config::Poller::io_uring);
    Scheduler scheduler(config);
    body(scheduler);
    wait_until([&] { return scheduler.stats().vthreads_alive == 0; });
  }
}

inline void wait_for_parks(const Scheduler& scheduler, std::uint64_t parks) {
  wait_until([&] { return scheduler.stats().parks >= parks; });
}

[[noreturn]] inline void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {
    if (fd < 0) throw_errno("a descriptor for a test");
  }
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() { close(); }

  operator int() const { return fd_; }
  void close() {
    if (fd_ >= 0) io::close(std::exchange(fd_, -1));
  }
  /// For who closed it by other means.
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

/// Two connected descriptors that do not block; for a pipe [0] reads and [1] writes. Pipes and UNIX sockets never did:
/// who still reads the number's last file would hold its carrier, and no close() of that end wakes it.
class Pair {
 public:
  enum class Kind { unix_stream, pipe, tcp };
  explicit Pair(Kind kind = Kind::unix_stream, bool prepared = true) {
    int fds[2] = {-1, -1};
    if (kind == Kind::tcp) {
      connect_tcp(fds);
    } else if ((kind == Kind::pipe
                    ? ::pipe2(fds, O_NONBLOCK)
                    : ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds)) != 0) {
      throw_errno("a pair for a test");
    }
    for (std::size_t i = 0; i < 2; ++i) {
      ends_[i] = Fd(fds[i]);
      if (prepared) io::prepare(fds[i]);
    }
  }

  int operator[](std::size_t i) const { return ends_[i]; }
  void close(std::size_t i) { ends_[i].close(); }
  int release(std::size_t i) { return ends_[i].release(); }

  /// Fills the way from one end to the other.
  static void fill(int fd) {
    const std::string block(4096, 'x');
    while (::write(fd, block.data(), block.size()) > 0) continue;
  }
  static void drain(int fd) {
    std::string block(1 << 16, 'x');
    while (::read(fd, block.data(), block.size()) > 0) continue;
  }

 private:
  static void connect_tcp(int (&fds)[2]);
  Fd ends_[2];
};

inline const sockaddr* as_sockaddr(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

/// A socket that is bound to a free port of 127.0.0.1, prepared.
struct Bound {
  explicit Bound(int type) : fd(io::socket(AF_INET, type, 0)) {
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (::bind(fd, as_sockaddr(address), length) != 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0)
      throw_errno("bind");
  }
  Fd fd;
  sockaddr_in address{};
};

struct Listener : Bound {
  Listener() : Bound(SOCK_STREAM) {
    if (::listen(fd, 1024) != 0) throw_errno("listen");
  }
};

inline void Pair::connect_tcp(int (&fds)[2]) {
  const Listener listener;
  fds[0] = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(fds[0], as_sockaddr(listener.address), sizeof listener.address) != 0)
    throw_errno("connect");
  ::fcntl(fds[0], F_SETFL, O_NONBLOCK);
  fds[1] = io::accept(listener.fd);
  if (fds[1] < 0) throw_errno("accept");
}

/// Asks a vthread to stop. The body calls arrive() first.
class StopHandle {
 public:
  void arrive() {
    thread_ = this_vthread::current();
    here_ = true;
  }
  void request_stop() {
    wait_until([&] { return here_.load(); });
    thread_.request_stop();
  }

 private:
  VThreadRef thread_;
  std::atomic<bool> here_{false};
};

/// What a call of io returned, with errno if that was -1.
struct Outcome {
  Outcome() = default;
  explicit Outcome(ssize_t result) : value(result), error(result < 0 ? io::last_error() : 0) {}
  ssize_t value = -2;
  int error = 0;
};

}  // namespace vthreads::test
