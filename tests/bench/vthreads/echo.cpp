// TCP echo, one vthread per connection, written as one would write it with blocking calls.
#include "../echo/listener.h"

#include <vthreads/io.h>

#include <cerrno>
#include <system_error>

#include "works.h"

namespace vtlab::bench {
namespace {

namespace io = vthreads::io;

void serve(int fd) {
  char data[kEchoBuffer];
  for (;;) {
    const ssize_t bytes = io::read(fd, data, sizeof(data));
    if (bytes <= 0) break;
    if (io::write(fd, data, static_cast<std::size_t>(bytes)) != bytes) break;
  }
  io::close(fd);
}

}  // namespace

// Until run.py ends the process.
void echo(const Options& options) {
  on_a_vthread(options, [](vthreads::Scheduler& scheduler) {
    const int listener = listen_for_echo();
    io::prepare(listener);
    for (;;) {
      const int fd = io::accept(listener);
      if (fd < 0) throw std::system_error(io::last_error(), std::generic_category(), "accept");
      answer_at_once(fd);
      scheduler.start([fd] { serve(fd); }).detach();
    }
  });
}

}  // namespace vtlab::bench
