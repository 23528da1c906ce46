// lesson.h — a lesson as plain values: predict, run, see, explain. Its file format: docs/lessons/README.md.
//
// Threads   Plain values.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lessons/formula.h"
#include "lessons/text.h"

namespace vtlab::lessons {

/// Something to read.
struct Reading {};

/// How near a number has to be to be right.
struct Tolerance {
  enum class Kind { exactly, share, factor } kind = Kind::exactly;
  double by = 0;  ///< 0.2 for "20 %", 2 for "a factor of 2"
};

/// Asked before anything runs. Either choices, or a number.
struct Prediction {
  struct Rule {
    std::size_t choice = 0;         ///< place in `choices`
    std::optional<Condition> when;  ///< absent: otherwise
  };
  std::vector<std::string> choices;
  std::vector<Rule> rules;  ///< the first that holds says which choice is right
  Formula number;           ///< what is asked for, if there are no choices
  std::string unit;         ///< in which it is asked for: "count", "ns", "bytes"
  Tolerance within;

  std::vector<std::string> names() const;  ///< of the values that the answer rests on
};

/// A command of vtlab.
struct Run {
  std::vector<std::string> command;  ///< "run", "spawn-join", …
  std::string line;                  ///< the same as it stands in the file
  std::string recording;             ///< a saved run of the same command
};

/// What to show of a run.
struct View {
  std::string show;                ///< as --show takes it: "ledger", "timeline"
  std::string zoom, unit;          ///< as --zoom and --unit take them; empty: all
  std::vector<std::string> modes;  ///< empty: all
  std::vector<std::string> rows;   ///< metrics of the ledger, by key; empty: none
  std::size_t lines = 0;           ///< on a terminal, no more than these; 0: all
};

/// What the run says to a prediction, and why.
struct Explanation {
  struct Remark {
    enum class When { right, wrong, said, otherwise } when = When::right;
    std::size_t choice = 0;  ///< of `said`: place in the prediction's choices
    Text text;
  };
  std::optional<Condition> expected;  ///< what must hold for the text to be true
  std::vector<std::string> claims;    ///< ids, judged by the run
  std::vector<Remark> remarks;
};

struct Step {
  std::string title;
  std::string
      name;   ///< of the run, or of the prediction; a lesson with one run may leave its name empty
  Text text;  ///< Markdown
  std::size_t line = 0;  ///< of the heading in the file
  std::variant<Reading, Prediction, Run, View, Explanation> what;

  template <class T>
  const T* as() const {
    return std::get_if<T>(&what);
  }
};

struct Lesson {
  std::string name, title, summary;
  std::string file;  ///< where it was read; for complaints
  unsigned minutes = 0;
  unsigned order = 0;  ///< place in the list
  std::string needs;   ///< for people: "a JDK"; empty: nothing
  Text text;           ///< before the first step
  std::vector<Step> steps;

  /// Null if there is none of that name.
  const Step* run(std::string_view name) const;
  const Step* prediction(std::string_view name) const;
  std::size_t predictions() const;
  /// All names of values of this run that the lesson needs, as they are called in the document of the run.
  std::vector<std::string> names_of(const Step& run) const;
};

/// The lessons that were built into the program, in their order.
const std::vector<Lesson>& library();

}  // namespace vtlab::lessons
