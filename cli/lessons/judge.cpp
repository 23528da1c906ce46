#include "lessons/judge.h"

#include <algorithm>
#include <cmath>

namespace vtlab::lessons {
namespace {

std::string numbered(const Prediction& prediction, std::size_t choice) {
  return std::to_string(choice + 1) + ". " + prediction.choices[choice];
}

Truth of_choices(const Prediction& prediction, const Values& values) {
  Truth found;
  for (const Prediction::Rule& rule : prediction.rules) {
    const auto truth = rule.when ? rule.when->truth(values) : Condition::Truth::holds;
    if (rule.when) found.because = rule.when->evidence(values);
    if (truth == Condition::Truth::not_known) return found;
    if (truth == Condition::Truth::fails) continue;
    found.choice = rule.choice;
    found.shown = numbered(prediction, rule.choice);
    return found;
  }
  return found;
}

}  // namespace

std::optional<Answer> read_answer(const Prediction& prediction, const std::string& text,
                                  std::string& complaint) {
  Answer answer;
  if (prediction.choices.empty()) {
    answer.number = typed(text, prediction.unit);
    if (!answer.number.is_missing()) {
      answer.said = shown(answer.number);
      return answer;
    }
    complaint = answer.number.text;
    return std::nullopt;
  }
  const Value number = typed(text, "count");
  const std::size_t most = prediction.choices.size();
  for (std::size_t i = 0; i < most; ++i) {
    if (number.is_missing() || number.number != static_cast<double>(i + 1)) continue;
    answer.choice = i;
    answer.said = numbered(prediction, i);
    return answer;
  }
  complaint = "write a number from 1 to " + std::to_string(most);
  return std::nullopt;
}

Truth truth(const Prediction& prediction, const Values& values) {
  if (!prediction.choices.empty()) return of_choices(prediction, values);
  Truth found;
  found.number = prediction.number.value(values);
  if (found.number.is_missing())
    found.because = found.number.text;
  else
    found.shown = shown(found.number);
  return found;
}

std::optional<bool> is_right(const Prediction& prediction, const Answer& answer,
                             const Truth& truth) {
  if (truth.shown.empty()) return std::nullopt;
  if (!prediction.choices.empty()) return answer.choice == truth.choice;
  const double said = answer.number.number, is = truth.number.number;
  switch (prediction.within.kind) {
    case Tolerance::Kind::exactly:
      return said == is;
    case Tolerance::Kind::share:
      return std::abs(said - is) <= prediction.within.by * std::abs(is);
    case Tolerance::Kind::factor:
      break;
  }
  const auto [low, high] = std::minmax(said, is);
  return high == 0 || (low > 0 && high / low <= prediction.within.by);
}

}  // namespace vtlab::lessons
