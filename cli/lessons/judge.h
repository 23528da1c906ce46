// judge.h — answers against a run. The run is the judge: nothing here knows what is right.
//
// Threads   Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lessons/lesson.h"

namespace vtlab::lessons {

/// What somebody predicted.
struct Answer {
  std::optional<std::size_t> choice;  ///< place in the choices
  Value number;                       ///< if there are none
  std::string said;                   ///< as it is shown: "2", "104 ms"
};

/// Nothing if it is no answer to this; `complaint` then says what to type.
std::optional<Answer> read_answer(const Prediction& prediction, const std::string& typed,
                                  std::string& complaint);

struct Truth {
  std::optional<std::size_t> choice;
  Value number;
  std::string shown;    ///< "3. one for each unit", "104 ms"; empty if it is not known
  std::string because;  ///< the values that decide it, or why it is not known
};

Truth truth(const Prediction& prediction, const Values& values);

/// Not known if the truth is not.
std::optional<bool> is_right(const Prediction& prediction, const Answer& answer,
                             const Truth& truth);

}  // namespace vtlab::lessons
