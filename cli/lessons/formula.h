// formula.h — the small language in which a lesson names values of a run: "platform.wall / virtual.wall",
// "virtual.kernel_tasks < 10 and virtual.ledger.fork = 0".
//
// Names have a point, words have none. Operators (+ - * / < <= = != > >= and) have a space on both sides, so that names
// may have dashes. Numbers may have a unit: 100 ms, 8 KiB.
//
// Threads   Plain values and pure functions.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "lessons/value.h"

namespace vtlab::lessons {

/// What cannot be read. what(): what is wrong; `write`: what could stand there instead.
struct FormulaError : std::runtime_error {
  FormulaError(const std::string& wrong, std::string instead)
      : std::runtime_error(wrong), write(std::move(instead)) {}
  std::string write;
};

class Formula {
 public:
  Formula() = default;
  /// Errors: FormulaError.
  explicit Formula(std::string_view text);

  /// Missing, with the reason, if something that it names is.
  Value value(const Values& values) const;
  const std::string& text() const { return text_; }
  std::vector<std::string> names() const;

 private:
  struct Item {
    enum class Kind { value, name, operation } kind;
    Value value;
    std::string word;  ///< the name, or the operation
  };
  void parse(const std::vector<std::string>& words);

  std::string text_;
  std::vector<Item> items_;  ///< operands before their operation
};

/// Comparisons, of which all must hold.
class Condition {
 public:
  Condition() = default;
  /// Errors: FormulaError.
  explicit Condition(std::string_view text);

  enum class Truth { holds, fails, not_known };
  Truth truth(const Values& values) const;
  /// "virtual.kernel_tasks is 2, platform.kernel_tasks is 1,009": what it rests on.
  std::string evidence(const Values& values) const;
  const std::string& text() const { return text_; }
  std::vector<std::string> names() const;

 private:
  struct Comparison {
    Formula left;
    std::string sign;
    Formula right;
  };
  std::string text_;
  std::vector<Comparison> all_;
};

}  // namespace vtlab::lessons
