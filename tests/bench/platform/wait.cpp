// Many platform threads that wait: what one costs, how late a crowd of sleepers is, and one per connection.
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <latch>
#include <system_error>
#include <thread>
#include <vector>

#include "../echo/listener.h"
#include "works.h"

namespace vtlab::bench {
namespace {

void serve(int fd) {
  char data[kEchoBuffer];
  for (;;) {
    const ssize_t bytes = read(fd, data, sizeof(data));
    if (bytes <= 0 || write(fd, data, static_cast<std::size_t>(bytes)) != bytes) break;
  }
  close(fd);
}

}  // namespace

void parked(const Options& options) {
  use_carriers(options);
  std::vector<std::thread> units(options.n);
  std::atomic<std::uint64_t> arrived{0};
  std::latch gate(1);
  const Memory before = memory();
  for (std::thread& unit : units) {
    unit = std::thread([&] {
      arrived.fetch_add(1, std::memory_order_relaxed);
      gate.wait();
    });
  }
  while (arrived.load(std::memory_order_relaxed) < options.n) std::this_thread::yield();
  report_idle(options);
  report_parked(options, before);
  gate.count_down();
  for (std::thread& unit : units) unit.join();
}

void sleepers(const Options& options) {
  use_carriers(options);
  std::vector<std::thread> units(options.n);
  const auto once = [&] {
    for (std::thread& unit : units)
      unit = std::thread([] { std::this_thread::sleep_for(std::chrono::seconds(1)); });
    for (std::thread& unit : units) unit.join();
  };
  report(options, "sleepers-cold", seconds(once), "s");
  report(options, "sleepers-warm", seconds(once), "s");
}

// Until run.py ends the process. On all CPUs: there are no carriers to count.
void echo(const Options&) {
  const int listener = listen_for_echo();
  for (;;) {
    const int fd = accept_echo(listener, 0);
    if (fd >= 0) {
      std::thread([fd] { serve(fd); }).detach();
    } else if (errno == EAGAIN) {
      pollfd wanted{listener, POLLIN, 0};
      poll(&wanted, 1, -1);
    } else {
      throw std::system_error(errno, std::generic_category(), "accept4");
    }
  }
}

}  // namespace vtlab::bench
