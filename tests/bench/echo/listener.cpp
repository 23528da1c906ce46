#include "listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace vtlab::bench {
namespace {

constexpr int kBacklog = 4096;

void check(int result, const char* call) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), call);
}

}  // namespace

int listen_for_echo() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  check(listener, "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t bytes = sizeof(address);
  check(bind(listener, reinterpret_cast<sockaddr*>(&address), bytes), "bind");
  check(listen(listener, kBacklog), "listen");
  check(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &bytes), "getsockname");
  std::printf("{\"port\": %d}\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

int accept_echo(int listener, int flags) {
  const int fd = accept4(listener, nullptr, nullptr, flags | SOCK_CLOEXEC);
  if (fd < 0) return fd;
  answer_at_once(fd);
  return fd;
}

void answer_at_once(int fd) {
  const int on = 1;
  check(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), "setsockopt");
}

}  // namespace vtlab::bench
