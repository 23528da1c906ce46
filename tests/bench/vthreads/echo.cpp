// TCP echo, one vthread per connection, written as one would write it with blocking calls.
#include "../echo/listener.h"

#include <sys/socket.h>
#include <unistd.h>
#include <vthreads/io.h>

#include <cerrno>
#include <system_error>

#include "works.h"

namespace vtlab::bench {
namespace {

void serve(int fd) {
  char data[kEchoBuffer];
  for (;;) {
    const ssize_t bytes = vthreads::io::read(fd, data, sizeof(data));
    if (bytes <= 0) break;
    if (vthreads::io::write(fd, data, static_cast<std::size_t>(bytes)) != bytes) break;
  }
  close(fd);
}

// Not inlined: errno of the OS thread that runs this now; see README.md of vthreads.
[[gnu::noinline]] bool would_block() {
  return errno == EAGAIN;
}

}  // namespace

// Until run.py ends the process.
void echo(const Options& options) {
  on_a_vthread(options, [](vthreads::Scheduler& scheduler) {
    const int listener = listen_for_echo();
    for (;;) {
      const int fd = accept_echo(listener, SOCK_NONBLOCK);
      if (fd >= 0) {
        scheduler.start([fd] { serve(fd); }).detach();
      } else if (would_block()) {
        vthreads::io::wait_readable(listener);
      } else {
        throw std::system_error(errno, std::generic_category(), "accept4");
      }
    }
  });
}

}  // namespace vtlab::bench
