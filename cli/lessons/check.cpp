#include "lessons/check.h"

#include <algorithm>

#include "lessons/explain.h"
#include "lessons/judge.h"
#include "lessons/see.h"
#include "lessons/values_of.h"

namespace vtlab::lessons {
namespace {

using namespace vtlab::result;

std::string where(const Lesson& lesson, const Step& step) {
  return lesson.file + ", line " + std::to_string(step.line) + ": ";
}

template <class F>
bool any_result(const Document& document, F is_it) {
  const auto* set = std::get_if<ResultSet>(&document);
  return !set || std::any_of(set->results.begin(), set->results.end(), is_it);
}

void check(const Lesson& lesson, const Step& step, const View& view, const Document& document,
           std::vector<std::string>& to) {
  for (const std::string& mode : view.modes)
    if (!any_result(document, [&](const Result& r) { return r.mode == mode; }))
      to.push_back(where(lesson, step) + "the run has no mode '" + mode + "'");
  for (const std::string& row : view.rows)
    if (!any_result(document, [&](const Result& r) {
          return std::any_of(r.metrics.begin(), r.metrics.end(),
                             [&](const Metric& m) { return m.key == row; });
        }))
      to.push_back(where(lesson, step) + "the run has no row '" + row + "'");
}

void check(const Lesson& lesson, const Step& step, const Explanation& explanation,
           const Values& values, std::vector<std::string>& to) {
  if (explanation.expected && explanation.expected->truth(values) != Condition::Truth::holds)
    to.push_back(where(lesson, step) +
                 "what is expected does not hold: " + explanation.expected->evidence(values));
  for (const std::string& claim : explanation.claims)
    if (std::none_of(values.begin(), values.end(),
                     [&](const auto& each) { return each.first.ends_with(".claims." + claim); }))
      to.push_back(where(lesson, step) + "no run judges a claim '" + claim + "'");
}

}  // namespace

std::vector<std::string> what_is_missing(const Lesson& lesson, const Step& run,
                                         const Document& document) {
  std::vector<std::string> missing;
  const Values values = values_of(document);
  for (const std::string& name : lesson.names_of(run)) {
    const auto found = values.find(name);
    if (found == values.end())
      missing.push_back("the run has no " + name);
    else if (found->second.is_missing())
      missing.push_back(name + ": " + found->second.text);
  }
  for (const Step& step : lesson.steps) {
    const auto* view = step.as<View>();
    if (!view || step.name != run.name) continue;
    const std::string why = why_nothing(document, *view);
    if (!why.empty()) missing.push_back(view->show + ": " + why);
  }
  return missing;
}

std::vector<std::string> complaints(const Lesson& lesson, const Step& run, const Document& document,
                                    const Values& values) {
  std::vector<std::string> all;
  for (const std::string& missing : what_is_missing(lesson, run, document))
    all.push_back(where(lesson, run) + missing);
  for (const Step& step : lesson.steps) {
    if (const auto* asked = step.as<Prediction>()) {
      const Truth is = truth(*asked, values);
      if (is.shown.empty())
        all.push_back(where(lesson, step) + "nobody can know the answer: " + is.because);
      else if (asked->choices.empty() && is.number.unit != asked->unit &&
               !(is.number.unit.empty() && asked->unit == "count"))
        all.push_back(where(lesson, step) + "the answer is " + is.shown +
                      ", and is not asked for as that: 'in time', 'in bytes', or neither");
    } else if (const auto* view = step.as<View>()) {
      if (step.name == run.name) check(lesson, step, *view, document, all);
    } else if (const auto* explanation = step.as<Explanation>()) {
      check(lesson, step, *explanation, values, all);
    }
  }
  return all;
}

}  // namespace vtlab::lessons
