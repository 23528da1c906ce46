// echo_server.cpp — one vthread per connection, written as if each had a thread of its own.
//
//   echo_server [PORT [CONNECTIONS]]     PORT 0: any free one; ends after that many connections
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <vthreads/io.h>
#include <vthreads/vthreads.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace {

namespace io = vthreads::io;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(io::last_error(), std::generic_category(), what);
}

// Listens on 127.0.0.1 and says where.
int listen_on(std::uint16_t port) {
  const int server = io::socket(AF_INET, SOCK_STREAM, 0);
  if (server < 0) fail("socket");
  const int on = 1;
  ::setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(server, generic, length) != 0) fail("bind");
  if (::listen(server, SOMAXCONN) != 0) fail("listen");
  if (::getsockname(server, generic, &length) != 0) fail("getsockname");
  std::printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return server;
}

int accept_one(int server) {
  for (;;) {
    const int client = io::accept(server);
    if (client >= 0) return client;
    if (io::last_error() != ECONNABORTED) fail("accept");
  }
}

bool write_all(int fd, const char* data, ssize_t bytes) {
  while (bytes > 0) {
    const ssize_t written = io::write(fd, data, static_cast<std::size_t>(bytes));
    if (written < 0) return false;
    data += written;
    bytes -= written;
  }
  return true;
}

void echo(int client) {
  char data[4096];
  ssize_t bytes = 0;
  do {
    bytes = io::read(client, data, sizeof data);
  } while (bytes > 0 && write_all(client, data, bytes));
  io::close(client);
}

}  // namespace

int main(int argc, char** argv) {
  const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 7007);
  const int connections = argc > 2 ? std::atoi(argv[2]) : -1;  // -1: for ever
  vthreads::Scheduler scheduler;  // waits for all its vthreads when it goes
  vthreads::VThread server = scheduler.start([&] {
    const int listener = listen_on(port);
    for (int i = 0; i != connections; ++i) {
      const int client = accept_one(listener);
      scheduler.start([client] { echo(client); }).detach();
    }
    io::close(listener);
  });
  server.join();
}
