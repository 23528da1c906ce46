// handout.h — a lesson on paper, made from a real result: as a work sheet, or with the answers.
//
// Threads   Pure functions.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "lessons/lesson.h"
#include "result/observed_json.h"

namespace vtlab::lessons {

/// What a handout is made from, by the names of the runs.
struct Evidence {
  result::Document document;
  std::string from;  ///< "the recording 'task'", "run.json"
};
using AllEvidence = std::map<std::string, Evidence, std::less<>>;

/// A view of a result as Markdown.
using ViewMarkdown = std::function<std::string(const result::Document&, const View&)>;

std::string handout_markdown(const Lesson& lesson, const AllEvidence& evidence, bool answers,
                             const ViewMarkdown& view);
/// One file that needs nothing else, and prints well.
std::string handout_html(const Lesson& lesson, const AllEvidence& evidence, bool answers,
                         const ViewMarkdown& view);

}  // namespace vtlab::lessons
