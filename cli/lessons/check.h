// check.h — does a lesson fit a run? Every name, every view, every answer. For those who write lessons, and for tests.
//
// Threads   Pure functions.
#pragma once

#include <string>
#include <vector>

#include "lessons/lesson.h"
#include "result/observed_json.h"

namespace vtlab::lessons {

/// Why the run cannot serve the lesson: values that it names and the run does not have, each with the reason, and views
/// that would be empty. Nothing: it can.
std::vector<std::string> what_is_missing(const Lesson& lesson, const Step& run,
                                         const result::Document& document);

/// What else is wrong with a lesson, beside the runs that it was written from (all of them, by name in `values`):
/// answers that nobody can know, expectations that do not hold, rows, modes and claims that no run has.
std::vector<std::string> complaints(const Lesson& lesson, const Step& run,
                                    const result::Document& document, const Values& values);

}  // namespace vtlab::lessons
