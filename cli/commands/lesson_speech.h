// lesson_speech.h — how a lesson looks on its screen: headings, paragraphs, command lines, small for a student and large
// for a class room.
#pragma once

#include <string>

#include "commands/lesson_screen.h"
#include "lessons/page.h"
#include "render/palette.h"

namespace vtlab::commands {

class Speech {
 public:
  /// `demo`: for those who sit far away.
  Speech(Screen& screen, const render::Options& look, bool demo);

  void heading(const std::string& kind, const std::string& title);
  void text(const std::string& markdown);
  void line(const std::string& words, render::Tone tone);
  /// "In this run   2", with the words wrapped beside the label.
  void labelled(const std::string& label, const std::string& words);
  /// A command line as it would be typed; broken before its options.
  void command(const std::string& words);

  const render::Options& look() const { return style_.options; }

 private:
  std::string margin(std::size_t more = 0) const { return std::string(style_.indent + more, ' '); }
  const char* end() const { return style_.roomy ? "\n\n" : "\n"; }

  Screen& screen_;
  lessons::PageStyle style_;
};

}  // namespace vtlab::commands
