#include "commands/live.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "commands/look.h"
#include "lab/error.h"

namespace vtlab::commands {
namespace {

void send(const std::string& text) {
  static_cast<void>(!write(STDERR_FILENO, text.data(), text.size()));
}

}  // namespace

Live::Live() {
  if (!is_screen(STDERR_FILENO))
    throw lab::Error(lab::ExitCode::usage, "--live needs a terminal",
                     {"standard error is not one, or TERM says that it cannot move its cursor"});
  send("\033[?1049h\033[?25l");  // the other screen, no cursor
}

Live::~Live() {
  send("\033[?25h\033[?1049l");
}

std::size_t Live::lines() const {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : 24;
}

void Live::draw(const std::string& text, std::uint64_t elapsed_ns) {
  next_ns_ = elapsed_ns + kEvery_ns;
  // Over what stands there, not after clearing it: clearing flickers.
  std::string screen = "\033[H";
  for (const char c : text) screen += c == '\n' ? std::string("\033[K\n") : std::string(1, c);
  send(screen + "\033[J");
}

}  // namespace vtlab::commands
