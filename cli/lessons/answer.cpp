#include "lessons/answer.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "lessons/source.h"

namespace vtlab::lessons {
namespace {

constexpr std::string_view kCommands[] = {"run", "compare", "observe"};

// "exactly", "within 20 %", "within a factor of 2"
Tolerance tolerance(const std::string& text) {
  if (text == "exactly") return {};
  constexpr std::string_view kWithin = "within ", kFactor = "a factor of ";
  std::string rest = text.starts_with(kWithin) ? text.substr(kWithin.size()) : "";
  Tolerance found{Tolerance::Kind::share, 0};
  if (rest.starts_with(kFactor)) {
    found.kind = Tolerance::Kind::factor;
    rest = rest.substr(kFactor.size());
  } else if (rest.ends_with("%")) {
    rest = trimmed(rest.substr(0, rest.size() - 1));
  } else {
    rest.clear();
  }
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), found.by);
  if (rest.empty() || error != std::errc{} || end != rest.data() + rest.size() || found.by <= 0)
    throw FormulaError("'" + text + "' is no tolerance",
                       "exactly, within 20 %, or within a factor of 2");
  if (found.kind == Tolerance::Kind::share) found.by /= 100;
  return found;
}

void read_number(const std::string& line, Prediction& to) {
  if (!to.number.text().empty())
    throw FormulaError("a second answer", "one value; or choices, as '1. text' above the answer");
  const auto place = std::min(line.find(" exactly"), line.find(" within "));
  if (place == std::string::npos)
    throw FormulaError("'" + line + "' does not say how near is right", kAnswerExample);
  std::string value = line.substr(0, place);
  to.within = tolerance(trimmed(line.substr(place)));
  to.unit = "count";
  const auto in = value.find(" in ");
  if (in != std::string::npos) {
    const std::string unit = trimmed(value.substr(in + 4));
    if (unit != "time" && unit != "bytes")
      throw FormulaError("'" + unit + "' is no unit of an answer", "in time, or in bytes");
    to.unit = unit == "time" ? "ns" : "bytes";
    value = value.substr(0, in);
  }
  to.number = Formula(value);
}

}  // namespace

void read_answer(const std::string& text, Prediction& to) {
  const std::string line = trimmed(text);
  if (to.choices.empty()) return read_number(line, to);
  std::size_t choice = 0;
  const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), choice);
  if (error != std::errc{} || choice == 0 || choice > to.choices.size())
    throw FormulaError("'" + line + "' does not begin with a choice",
                       "a number from 1 to " + std::to_string(to.choices.size()) +
                           " and 'if CONDITION', or 'otherwise'");
  const std::string words = trimmed(std::string_view(rest, line.data() + line.size()));
  if (!to.rules.empty() && !to.rules.back().when)
    throw FormulaError("nothing can follow 'otherwise'", "'otherwise' in the last line");
  if (words == "otherwise")
    to.rules.push_back({choice - 1, std::nullopt});
  else if (words.starts_with("if "))
    to.rules.push_back({choice - 1, Condition(words.substr(3))});
  else
    throw FormulaError("'" + words + "' says not when the choice is right",
                       "if CONDITION, or otherwise");
}

std::vector<std::string> command_words(std::string_view line) {
  std::vector<std::string> words;
  bool inside = false, quoted = false;
  for (const char c : line) {
    if (c == '\'') {
      quoted = !quoted;
      if (!inside) words.emplace_back();
      inside = true;
    } else if (c == ' ' && !quoted) {
      inside = false;
    } else {
      if (!inside) words.emplace_back();
      inside = true;
      words.back() += c;
    }
  }
  if (quoted) throw FormulaError("a quote without its end", "'…'");
  if (words.empty() ||
      std::find(std::begin(kCommands), std::end(kCommands), words.front()) == std::end(kCommands))
    throw FormulaError(
        "'" + (words.empty() ? std::string() : words.front()) + "' is no command of a lesson",
        "a line that begins with run, compare or observe, without 'vtlab'");
  for (const std::string& word : words) {
    if (word == "--") break;
    if (word == "-o" || word.starts_with("--output") || word.starts_with("--format") ||
        word == "--live")
      throw FormulaError("a lesson says not where results go: " + word, "the line without it");
  }
  return words;
}

}  // namespace vtlab::lessons
