// answer.h — the lines of a lesson that are a small language of their own: answers and commands. Internal to lessons.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lessons/lesson.h"

namespace vtlab::lessons {

inline constexpr const char* kAnswerExample =
    "lines such as '1 if virtual.kernel_tasks = 0' and '2 otherwise', or, without choices, "
    "'virtual.wall within 20 %'";

/// One line of an answer block, added to the prediction, whose choices are known. Errors: FormulaError.
void read_answer(const std::string& line, Prediction& to);

/// The words of a command line, which may have quotes and must be one of vtlab's. Errors: FormulaError.
std::vector<std::string> command_words(std::string_view line);

}  // namespace vtlab::lessons
