// text.h — text of a lesson with places for values: "{virtual.kernel_tasks} tasks". A brace of its own is written twice.
//
// Threads   Plain values and pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lessons/formula.h"

namespace vtlab::lessons {

class Text {
 public:
  Text() = default;
  /// Errors: FormulaError.
  explicit Text(std::string_view text);

  std::string filled(const Values& values) const;
  bool empty() const { return pieces_.empty(); }
  std::vector<Formula> formulas() const;
  std::vector<std::string> names() const;

 private:
  struct Piece {
    std::string literal;
    bool is_formula = false;
    Formula formula;
  };
  std::vector<Piece> pieces_;
};

}  // namespace vtlab::lessons
