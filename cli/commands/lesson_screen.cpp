#include "commands/lesson_screen.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>

#include "commands/look.h"
#include "commands/new_file.h"
#include "lab/fd.h"
#include "render/palette.h"

namespace vtlab::commands {

Screen::Screen(lab::Signals& signals, const render::Options& options)
    : signals_(signals),
      options_(options),
      screen_(is_screen(STDOUT_FILENO)),
      people_(screen_ && isatty(STDIN_FILENO)) {}

void Screen::write(const std::string& text) {
  if (!lab::write_all(STDOUT_FILENO, text) && errno != EPIPE)
    cannot_write("standard output", errno);
}

std::size_t Screen::rows() const {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 5 ? size.ws_row : 24;
}

void Screen::show(const std::string& text) {
  if (ended_) return;
  if (!people_) return write(text);
  std::size_t begin = 0;
  while (begin < text.size() && !ended_) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    const bool blank = text.find_first_not_of('\n', begin) == std::string::npos;
    if (lines_ + 2 >= rows() && !blank && !go_on("more: Enter")) return;
    write(text.substr(begin, end - begin));
    ++lines_;
    begin = end;
  }
}

void Screen::clear() {
  if (screen_ && people_) write("\033[H\033[2J");
  lines_ = 0;
}

void Screen::status(const std::string& text) {
  if (screen_) write("\r\033[K" + render::paint(text, render::Tone::dim, options_));
}

std::optional<std::string> Screen::read_line() {
  for (;;) {
    const auto end = unread_.find('\n');
    if (end != std::string::npos || (at_end_ && !unread_.empty())) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end == std::string::npos ? end : end + 1);
      return line;
    }
    if (at_end_) break;
    pollfd wait[] = {{STDIN_FILENO, POLLIN, 0}, {signals_.fd(), POLLIN, 0}};
    if (poll(wait, 2, -1) < 0 && errno != EINTR) break;
    if (signals_.asked_to_stop()) {
      interrupted_ = true;
      break;
    }
    if (!(wait[0].revents)) continue;
    char buffer[4096];
    const ssize_t got = read(STDIN_FILENO, buffer, sizeof(buffer));
    if (got > 0)
      unread_.append(buffer, static_cast<std::size_t>(got));
    else if (got == 0 || errno != EINTR)
      at_end_ = true;
  }
  ended_ = true;
  return std::nullopt;
}

bool Screen::go_on(const std::string& prompt) {
  if (ended_ || !people_) return !ended_;
  write(render::paint("  " + prompt + " · q stops ", render::Tone::dim, options_));
  const auto line = read_line();
  lines_ = 0;
  if (!line) {
    write("\n");
    return false;
  }
  write("\033[A\r\033[K");  // the prompt has done its work
  ended_ = *line == "q" || *line == "Q";
  return !ended_;
}

std::optional<std::string> Screen::ask(const std::string& prompt) {
  if (ended_) return std::nullopt;
  write(render::paint(prompt, render::Tone::strong, options_) + " ");
  const auto line = read_line();
  lines_ = 0;
  if (!line || !people_) write("\n");
  if (!line) return std::nullopt;
  const auto first = line->find_first_not_of(" \t\r");
  std::string word = first == std::string::npos
                         ? ""
                         : line->substr(first, line->find_last_not_of(" \t\r") - first + 1);
  ended_ = word == "q" || word == "Q";
  if (ended_) return std::nullopt;
  return word;
}

}  // namespace vtlab::commands
