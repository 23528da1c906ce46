// lesson_scores.h — where `vtlab lesson` keeps what was predicted: $XDG_STATE_HOME/vtlab/lessons.json, or below
// ~/.local/state, of the user who asked, not of root.
#pragma once

#include <string>

#include "lab/privileges.h"
#include "result/scores.h"

namespace vtlab::commands {

class ScoreFile {
 public:
  explicit ScoreFile(const lab::User& user);

  /// Empty if there is no such file, or none that can be understood; complaint() then says why.
  const result::Scores& scores() const { return scores_; }
  const std::string& complaint() const { return complaint_; }
  /// Writes it, whole or not at all; complaint() says why not. A lesson does not end for that.
  void put(const result::LessonScore& score);

 private:
  const lab::User user_;
  std::string path_;  ///< empty: nobody knows where
  result::Scores scores_;
  std::string complaint_;
  bool readable_ = true;  ///< a file that is not understood is not written over
};

}  // namespace vtlab::commands
