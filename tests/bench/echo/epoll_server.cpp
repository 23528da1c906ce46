// bench-epoll: raw epoll, the bound for TCP echo. One loop per carrier, connections dealt out in turn.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>
#include <vector>

#include "../bench.h"
#include "listener.h"

namespace vtlab::bench {
namespace {

constexpr int kEventsAtOnce = 256;

void check(int result, const char* call) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), call);
}

void watch(int epoll, int fd) {
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.fd = fd;
  check(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &wanted), "epoll_ctl");
}

bool echo_once(int fd) {
  char data[kEchoBuffer];
  const ssize_t bytes = read(fd, data, sizeof(data));
  if (bytes < 0) return errno == EAGAIN;
  return bytes > 0 && write(fd, data, static_cast<std::size_t>(bytes)) == bytes;
}

class Server {
 public:
  explicit Server(std::size_t loops) : epolls_(loops) {
    for (int& epoll : epolls_) check(epoll = epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    watch(epolls_[0], listener_);
  }

  void run() {
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < epolls_.size(); ++i)
      others.emplace_back([this, i] { loop(epolls_[i]); });
    loop(epolls_[0]);
  }

 private:
  [[noreturn]] void loop(int epoll) {
    epoll_event ready[kEventsAtOnce];
    for (;;) {
      const int count = epoll_wait(epoll, ready, kEventsAtOnce, -1);
      if (count < 0 && errno != EINTR) check(count, "epoll_wait");
      for (int i = 0; i < count; ++i) {
        const int fd = ready[i].data.fd;
        if (fd == listener_) {
          accept_all();
        } else if (!echo_once(fd)) {
          close(fd);
        }
      }
    }
  }

  void accept_all() {
    for (;;) {
      const int fd = accept_echo(listener_, SOCK_NONBLOCK);
      if (fd < 0) return;
      watch(epolls_[next_++ % epolls_.size()], fd);
    }
  }

  int listener_ = listen_for_echo();
  std::vector<int> epolls_;
  std::size_t next_ = 0;
};

void echo(const Options& options) {
  Server(options.carriers).run();
}

}  // namespace
}  // namespace vtlab::bench

int main(int argc, char** argv) {
  using namespace vtlab::bench;
  static constexpr Work kWorks[] = {{"echo", echo}};
  return run(argc, argv, "raw epoll, level-triggered", kWorks);
}
