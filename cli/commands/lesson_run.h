// lesson_run.h — one command of a lesson: vtlab itself, started without a shell, and the document that it saved.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lab/signals.h"
#include "result/observed_json.h"

namespace vtlab::commands {

struct Ran {
  std::optional<result::Document> document;
  std::vector<std::string> why_not;  ///< lines: what vtlab said; set if there is no document
  bool interrupted = false;
};

/// `words` as somebody would type them after vtlab. `tick` is called a few times a second, with how long it has run. A
/// claim that was refuted is a document, too. Errors: lab::Error (machine_cannot) if nothing can be started at all.
Ran run_for_lesson(const std::vector<std::string>& words, const std::string& program,
                   lab::Signals& signals, const std::function<void(double seconds)>& tick);

}  // namespace vtlab::commands
