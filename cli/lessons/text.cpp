#include "lessons/text.h"

namespace vtlab::lessons {

Text::Text(std::string_view text) {
  std::string literal;
  const auto end = [&] {
    if (!literal.empty()) pieces_.push_back({std::move(literal), false, {}});
    literal.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool twice = i + 1 < text.size() && text[i + 1] == text[i];
    if ((text[i] == '{' || text[i] == '}') && twice) {
      literal += text[i++];
    } else if (text[i] == '}') {
      throw FormulaError("a } without a { before it", "}} for a brace that is meant as such");
    } else if (text[i] == '{') {
      const auto close = text.find('}', i);
      if (close == std::string_view::npos)
        throw FormulaError("a { without a } after it", "{{ for a brace that is meant as such");
      end();
      pieces_.push_back({{}, true, Formula(text.substr(i + 1, close - i - 1))});
      i = close;
    } else {
      literal += text[i];
    }
  }
  end();
}

std::string Text::filled(const Values& values) const {
  std::string out;
  for (const Piece& piece : pieces_)
    out += piece.is_formula ? shown(piece.formula.value(values)) : piece.literal;
  return out;
}

std::vector<Formula> Text::formulas() const {
  std::vector<Formula> all;
  for (const Piece& piece : pieces_)
    if (piece.is_formula) all.push_back(piece.formula);
  return all;
}

std::vector<std::string> Text::names() const {
  std::vector<std::string> all;
  for (const Formula& formula : formulas())
    for (const std::string& name : formula.names()) all.push_back(name);
  return all;
}

}  // namespace vtlab::lessons
