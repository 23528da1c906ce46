// lesson_screen.h — a lesson's conversation: text page by page on standard output, answers line by line from standard input.
//
// On a terminal it waits for Enter, and stops before text runs out of the screen. Where input is no terminal, pauses are
// none and questions read lines. SIGINT and SIGTERM end the conversation in order.
//
// Threads   The one that made it.
#pragma once

#include <optional>
#include <string>

#include "lab/signals.h"
#include "render/renderer.h"

namespace vtlab::commands {

class Screen {
 public:
  Screen(lab::Signals& signals, const render::Options& options);

  void show(const std::string& text);
  void clear();  ///< only on a terminal

  /// True: Enter. False: q, the end of the input, or a signal; ended() is then true.
  bool go_on(const std::string& prompt);
  /// A line; nothing as above.
  std::optional<std::string> ask(const std::string& prompt);
  void say(const std::string& text) { write(text); }  ///< also when it has ended
  void stop() { ended_ = interrupted_ = true; }
  bool ended() const { return ended_; }
  bool interrupted() const { return interrupted_; }
  bool talks_to_people() const { return people_; }

  /// One line that is written over: what is going on. Empty: away with it.
  void status(const std::string& text);

 private:
  std::optional<std::string> read_line();
  std::size_t rows() const;
  void write(const std::string& text);

  lab::Signals& signals_;
  const render::Options options_;
  const bool screen_;  ///< output is a screen
  const bool people_;  ///< so is input
  std::string unread_;
  std::size_t lines_ = 0;  ///< since somebody pressed Enter
  bool ended_ = false, interrupted_ = false, at_end_ = false;
};

}  // namespace vtlab::commands
