// see.h — as much of a result as a step shows: the modes and rows that it names, and nothing around them.
//
// Threads   Pure functions.
#pragma once

#include <string>

#include "lessons/lesson.h"
#include "result/observed_json.h"

namespace vtlab::lessons {

result::Document cut_down(const result::Document& document, const View& view);

/// Why the document has nothing of what the view shows; empty: it has.
std::string why_nothing(const result::Document& document, const View& view);

}  // namespace vtlab::lessons
