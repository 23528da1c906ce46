// source.h — the lines of a lesson's file, section by section: headings, "- key: value" lines, fenced blocks, and the
// rest, which is text. Internal to lessons.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lessons/lesson_file.h"

namespace vtlab::lessons {

struct Line {
  std::size_t number = 0;
  std::string text;  ///< without blanks at its end
};

/// A fenced block; its info word says what it is.
struct Fence {
  std::string word;
  std::size_t line = 0;
  std::vector<Line> lines;
};

/// What stands below one heading. Blocks that are text stay in `lines`.
struct Section {
  Line heading;                                        ///< without "#"
  std::vector<std::pair<Line, std::string>> settings;  ///< key (with its place) and value
  std::vector<Fence> fences;                           ///< of the words that were asked for
  std::vector<Line> lines;
};

class Source {
 public:
  Source(std::string_view file, std::string_view text);

  [[noreturn]] void fail(std::size_t line, const std::string& wrong, std::string write) const;
  /// The parts of the file: first the one below "# ", then one for each "## ".
  std::vector<Section> sections() const;
  /// The lines as one text. Errors: FormatError for a place of a value that cannot be read.
  Text text(const std::vector<Line>& lines) const;
  /// Calls it, and says in which line it failed.
  void at(std::size_t line, const std::function<void()>& parse) const;

 private:
  std::string file_;
  std::vector<Line> lines_;
};

/// "a, b" as "a" and "b".
std::vector<std::string> listed(std::string_view text);
std::string trimmed(std::string_view text);

}  // namespace vtlab::lessons
