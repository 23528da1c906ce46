// explain.h — what a run says to a prediction, in words: also that it came out differently.
//
// Threads   Pure functions.
#pragma once

#include <optional>
#include <string>

#include "lessons/judge.h"
#include "result/observed_json.h"

namespace vtlab::lessons {

struct Explained {
  bool as_expected = true;
  std::string remark;  ///< for whoever answered so; Markdown, may be empty
  std::string text;    ///< Markdown
};

/// `answer`: what was predicted, if anything was; `right`: if that is known.
Explained explained(const Step& step, const Values& values, const std::optional<Answer>& answer,
                    std::optional<bool> right);

/// The verdicts of the run on these claims, one line each; a claim that the run did not judge has none.
std::vector<std::string> verdicts(const Explanation& explanation, const result::Document& document);

}  // namespace vtlab::lessons
