#include "lessons/lesson.h"

#include <algorithm>
#include <set>

#include "lessons/embedded.h"
#include "lessons/lesson_file.h"

namespace vtlab::lessons {
namespace {

void add(std::vector<std::string>& to, const std::vector<std::string>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

std::vector<std::string> names_in(const Step& step) {
  std::vector<std::string> names = step.text.names();
  if (const auto* prediction = step.as<Prediction>()) add(names, prediction->names());
  if (const auto* explanation = step.as<Explanation>()) {
    if (explanation->expected) add(names, explanation->expected->names());
    for (const auto& remark : explanation->remarks) add(names, remark.text.names());
  }
  return names;
}

std::vector<Lesson> read_library() {
  std::vector<Lesson> lessons;
  for (const Embedded& each : embedded())
    lessons.push_back(read_lesson("docs/lessons/" + std::string(each.file), each.text));
  std::sort(lessons.begin(), lessons.end(), [](const Lesson& a, const Lesson& b) {
    return std::pair(a.order, a.name) < std::pair(b.order, b.name);
  });
  return lessons;
}

}  // namespace

std::vector<std::string> Prediction::names() const {
  std::vector<std::string> names = number.names();
  for (const Rule& rule : rules)
    if (rule.when) add(names, rule.when->names());
  return names;
}

const Step* Lesson::run(std::string_view wanted) const {
  for (const Step& step : steps)
    if (step.as<Run>() && step.name == wanted) return &step;
  return nullptr;
}

const Step* Lesson::prediction(std::string_view wanted) const {
  for (const Step& step : steps)
    if (step.as<Prediction>() && step.name == wanted) return &step;
  return nullptr;
}

std::size_t Lesson::predictions() const {
  return static_cast<std::size_t>(
      std::count_if(steps.begin(), steps.end(), [](const Step& s) { return s.as<Prediction>(); }));
}

std::vector<std::string> Lesson::names_of(const Step& run) const {
  const std::string prefix = run.name.empty() ? "" : run.name + ".";
  std::set<std::string> names;
  for (const Step& step : steps)
    for (const std::string& each : names_in(step))
      if (each.starts_with(prefix)) names.insert(each.substr(prefix.size()));
  return {names.begin(), names.end()};
}

const std::vector<Lesson>& library() {
  static const std::vector<Lesson> lessons = read_library();
  return lessons;
}

}  // namespace vtlab::lessons
