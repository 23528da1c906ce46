#include "commands/live.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <cerrno>
#include <csignal>
#include <string_view>

#include "commands/look.h"
#include "lab/error.h"
#include "lab/fd.h"

namespace vtlab::commands {
namespace {

// What a handler of signals needs. Nothing here is used without a Live.
struct Terminal {
  int fd = -1;
  bool keys = false;
  termios before{}, now{};
  struct sigaction stop_before {};
};
Terminal terminal;

void send(std::string_view text) {
  static_cast<void>(lab::write_all(terminal.fd, text));
}

// Both only call what may be called in a handler.
void take() {
  send("\033[?1049h\033[?25l");  // the other screen, no cursor
  if (terminal.keys) tcsetattr(STDIN_FILENO, TCSANOW, &terminal.now);
}
void give_back() {
  if (terminal.keys) tcsetattr(STDIN_FILENO, TCSANOW, &terminal.before);
  send("\033[?25h\033[?1049l");
}

extern "C" void on_stop(int) {
  const int error = errno;
  give_back();
  kill(getpid(), SIGSTOP);
  take();
  errno = error;
}

}  // namespace

Live::Live(int fd, Keys keys, const std::string& what) : fd_(fd) {
  if (!is_screen(fd))
    throw lab::Error(lab::ExitCode::usage, what + " needs a terminal",
                     {std::string(fd == STDERR_FILENO ? "standard error" : "standard output") +
                      " is not one, or TERM says that it cannot move its cursor"});
  terminal = {.fd = fd};
  if (keys == Keys::take && tcgetattr(STDIN_FILENO, &terminal.before) == 0) {
    terminal.keys = true;
    terminal.now = terminal.before;
    terminal.now.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    terminal.now.c_cc[VMIN] = 1;
    terminal.now.c_cc[VTIME] = 0;
    terminal.now.c_cc[VQUIT] = _POSIX_VDISABLE;  // it would end with the terminal as it is
  }
  sigaction(SIGTSTP, nullptr, &terminal.stop_before);
  if (terminal.stop_before.sa_handler != SIG_IGN) {
    struct sigaction stop {};
    stop.sa_handler = on_stop;
    stop.sa_flags = SA_RESTART;
    sigaction(SIGTSTP, &stop, nullptr);
  }
  take();
}

Live::~Live() {
  sigaction(SIGTSTP, &terminal.stop_before, nullptr);
  give_back();
}

std::size_t Live::lines() const {
  winsize size{};
  return ioctl(fd_, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : 24;
}

void Live::draw(const std::string& text, std::uint64_t elapsed_ns) {
  next_ns_ = elapsed_ns + kEvery_ns;
  // Over what stands there, not after clearing it: clearing flickers.
  std::string screen = "\033[H";
  for (const char c : text) screen += c == '\n' ? std::string("\033[K\n") : std::string(1, c);
  send(screen + "\033[J");
}

bool Live::takes_keys() const {
  return terminal.keys;
}

std::string Live::typed() const {
  std::string out;
  pollfd input{STDIN_FILENO, POLLIN, 0};
  while (terminal.keys && poll(&input, 1, 0) > 0 && (input.revents & POLLIN)) {
    char text[64];
    const ssize_t count = read(STDIN_FILENO, text, sizeof(text));
    if (count <= 0) break;
    out.append(text, static_cast<std::size_t>(count));
  }
  return out;
}

}  // namespace vtlab::commands
