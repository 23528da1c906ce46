// lesson_file.h — reads a lesson (docs/lessons/README.md says the format).
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "lessons/lesson.h"

namespace vtlab::lessons {

/// what(): "my.md, line 12: there is no kind of step 'Predikt'"; `write`: what could stand there.
struct FormatError : std::runtime_error {
  FormatError(const std::string& file, std::size_t line, const std::string& wrong,
              std::string instead)
      : std::runtime_error(file + ", line " + std::to_string(line) + ": " + wrong),
        write(std::move(instead)) {}
  std::string write;
};

/// `file` is for complaints, and names the lesson: "docs/lessons/task.md" is "task". Errors: FormatError.
Lesson read_lesson(std::string_view file, std::string_view text);

}  // namespace vtlab::lessons
