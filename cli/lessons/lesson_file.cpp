#include "lessons/lesson_file.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "lessons/answer.h"
#include "lessons/source.h"

namespace vtlab::lessons {
namespace {

constexpr std::string_view kKinds = "Read, Predict, Run, See or Explain";

bool is_name(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::islower(c) || std::isdigit(c) || c == '-';
  });
}

class Reader {
 public:
  Reader(std::string_view file, std::string_view text) : source_(file, text) {
    const auto slash = file.rfind('/');
    const std::string_view last = slash == file.npos ? file : file.substr(slash + 1);
    lesson_.file = file;
    lesson_.name = last.substr(0, last.rfind('.'));
  }

  Lesson read() {
    const std::vector<Section> sections = source_.sections();
    read_head(sections.front());
    for (std::size_t i = 1; i < sections.size(); ++i) read_step(sections[i]);
    check_whole();
    return std::move(lesson_);
  }

 private:
  [[noreturn]] void fail(std::size_t line, const std::string& wrong, std::string write) const {
    source_.fail(line, wrong, std::move(write));
  }

  // ---- settings ----

  using Keys = std::map<std::string_view, std::function<void(const std::string&, std::size_t)>>;

  void read_settings(const Section& section, const Keys& keys) {
    for (const auto& [key, value] : section.settings) {
      const auto found = keys.find(key.text);
      std::string known;
      for (const auto& [name, read] : keys)
        known += (known.empty() ? "" : ", ") + std::string(name);
      if (found == keys.end())
        fail(key.number, "there is no setting '" + key.text + "' here",
             known.empty() ? "text; this kind of step has no settings" : "one of: " + known);
      found->second(value, key.number);
    }
  }

  void expect_fences(const Section& section, std::string_view word) const {
    for (const Fence& fence : section.fences)
      if (fence.word != word)
        fail(fence.line, "a block '" + fence.word + "' means nothing in this step",
             word.empty() ? "```text for a block that is shown as it is"
                          : "```" + std::string(word));
    if (section.fences.size() > 1)
      fail(section.fences[1].line, "a second block of this kind", "one block for each step");
  }

  unsigned whole(const std::string& text, std::size_t line) const {
    unsigned value = 0;
    const std::string digits = text.substr(0, text.find(' '));
    const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || rest != digits.data() + digits.size() || value == 0)
      fail(line, "'" + text + "' is no number", "a whole number, such as 7");
    return value;
  }

  // ---- the head ----

  void read_head(const Section& section) {
    lesson_.title = section.heading.text;
    read_settings(
        section,
        {{"about", [&](const std::string& v, std::size_t) { lesson_.summary = v; }},
         {"needs", [&](const std::string& v, std::size_t) { lesson_.needs = v; }},
         {"order", [&](const std::string& v, std::size_t line) { lesson_.order = whole(v, line); }},
         {"time",
          [&](const std::string& v, std::size_t line) { lesson_.minutes = whole(v, line); }}});
    expect_fences(section, "");
    if (lesson_.summary.empty())
      fail(section.heading.number, "the lesson does not say what it is about",
           "- about: one line for the list of lessons");
    if (lesson_.minutes == 0)
      fail(section.heading.number, "the lesson does not say how long it takes",
           "- time: 7 minutes");
    lesson_.text = source_.text(section.lines);
    check_names_known(lesson_.text.names(), section.heading.number);
  }

  // ---- steps ----

  // "KIND NAME: TITLE"
  void read_step(const Section& section) {
    const std::size_t line = section.heading.number;
    const std::string& heading = section.heading.text;
    const auto colon = heading.find(": ");
    if (colon == std::string::npos)
      fail(line, "the heading has no kind", "## KIND: TITLE, where KIND is " + std::string(kKinds));
    const std::string before = heading.substr(0, colon);
    const std::string kind = before.substr(0, before.find(' '));
    Step step;
    step.line = line;
    step.title = trimmed(heading.substr(colon + 2));
    step.name = trimmed(before.substr(kind.size()));
    if (!step.name.empty() && !is_name(step.name))
      fail(line, "'" + step.name + "' is no name", "small letters, digits and dashes");
    if (kind == "Read")
      step.what = Reading{}, expect_fences(section, "");
    else if (kind == "Predict")
      step.what = prediction(section, step);
    else if (kind == "Run")
      step.what = run(section, step);
    else if (kind == "See")
      step.what = view(section, step);
    else if (kind == "Explain")
      step.what = explanation(section, step);
    else
      fail(line, "there is no kind of step '" + kind + "'", std::string(kKinds));
    if (step.as<Reading>()) read_settings(section, {});
    std::vector<Line> lines = section.lines;
    if (step.as<Prediction>()) take_choices(lines);
    if (step.as<Explanation>()) take_remarks(lines);
    step.text = source_.text(lines);
    for (const Line& each : lines)
      source_.at(each.number, [&] { check_names_known(Text(each.text).names(), each.number); });
    lesson_.steps.push_back(std::move(step));
  }

  // ---- predict ----

  static bool is_choice(const std::string& line, std::size_t number) {
    return line.starts_with(std::to_string(number) + ". ");
  }

  // "1. text", with further lines indented.
  void take_choices(std::vector<Line>& lines) const {
    std::vector<Line> rest;
    std::size_t number = 1;
    bool inside = false;
    for (const Line& line : lines) {
      if (is_choice(line.text, number)) {
        ++number, inside = true;
      } else if (!inside || !line.text.starts_with("   ")) {
        inside = false;
        rest.push_back(line);
      }
    }
    lines = std::move(rest);
  }

  Prediction prediction(const Section& section, const Step& step) {
    read_settings(section, {});
    expect_fences(section, "answer");
    if (step.name.empty()) fail(step.line, "the prediction has no name", "## Predict NAME: TITLE");
    if (lesson_.prediction(step.name))
      fail(step.line, "a second prediction '" + step.name + "'", "another name");
    Prediction found;
    for (const Line& line : section.lines) {
      if (is_choice(line.text, found.choices.size() + 1))
        found.choices.push_back(trimmed(line.text.substr(line.text.find(' '))));
      else if (!found.choices.empty() && line.text.starts_with("   "))
        found.choices.back() += " " + trimmed(line.text);
    }
    if (section.fences.empty())
      fail(step.line, "the prediction has no answer",
           "a block ```answer; see docs/lessons/README.md");
    const Fence& fence = section.fences.front();
    if (fence.lines.empty()) fail(fence.line, "the answer is empty", kAnswerExample);
    for (const Line& line : fence.lines)
      source_.at(line.number, [&] { read_answer(line.text, found); });
    if (!found.choices.empty() && found.rules.back().when)
      fail(fence.lines.back().number, "no choice is right if none of the conditions holds",
           std::to_string(found.choices.size()) + " otherwise");
    for (const std::string& name : found.names())
      if (lesson_.run(run_of(name)) || (run_seen_ && lesson_.run("")))
        fail(fence.line, "the run that answers this has already been",
             "the prediction before its run");
    return found;
  }

  // ---- run ----

  Run run(const Section& section, const Step& step) {
    Run found;
    read_settings(section,
                  {{"recording", [&](const std::string& v, std::size_t) { found.recording = v; }}});
    expect_fences(section, "vtlab");
    if (section.fences.empty() || section.fences.front().lines.size() != 1)
      fail(step.line, "a run needs one command", "```vtlab with one line, such as: run spawn-join");
    const Line& line = section.fences.front().lines.front();
    found.line = trimmed(line.text);
    source_.at(line.number, [&] { found.command = command_words(found.line); });
    if (lesson_.run(step.name))
      fail(step.line, "a second run of the same name",
           "## Run NAME: TITLE, and names of values that begin with NAME and a point");
    if (run_seen_ && (step.name.empty() || lesson_.run("")))
      fail(step.line, "of several runs each needs a name", "## Run NAME: TITLE");
    run_seen_ = true;
    return found;
  }

  // ---- see ----

  void expect_run(const Step& step) const {
    if (!lesson_.run(step.name))
      fail(step.line,
           step.name.empty() ? "no run before this one"
                             : "no run '" + step.name + "' before this one",
           "the step after its run; of several runs, the name of one");
  }

  View view(const Section& section, const Step& step) {
    View found;
    read_settings(
        section,
        {{"show", [&](const std::string& v, std::size_t) { found.show = v; }},
         {"lines", [&](const std::string& v, std::size_t line) { found.lines = whole(v, line); }},
         {"zoom", [&](const std::string& v, std::size_t) { found.zoom = v; }},
         {"unit", [&](const std::string& v, std::size_t) { found.unit = v; }},
         {"modes", [&](const std::string& v, std::size_t) { found.modes = listed(v); }},
         {"rows", [&](const std::string& v, std::size_t) { found.rows = listed(v); }}});
    expect_fences(section, "");
    expect_run(step);
    if (found.show.empty()) fail(step.line, "it does not say what to show", "- show: ledger");
    return found;
  }

  // ---- explain ----

  // "> **Right:** text", with further lines that begin with "> ".
  void take_remarks(std::vector<Line>& lines) const {
    std::erase_if(lines, [](const Line& line) { return line.text.starts_with(">"); });
  }

  Explanation explanation(const Section& section, const Step& step) {
    Explanation found;
    read_settings(
        section,
        {{"claims", [&](const std::string& v, std::size_t) { found.claims = listed(v); }}});
    expect_fences(section, "expect");
    if (!run_seen_) fail(step.line, "nothing has been run before this", "the step after a run");
    const Step* asked = step.name.empty() ? nullptr : lesson_.prediction(step.name);
    if (!step.name.empty() && !asked)
      fail(step.line, "there is no prediction '" + step.name + "' before this",
           "## Explain NAME: TITLE");
    if (!section.fences.empty())
      source_.at(section.fences.front().line + 1, [&] {
        std::string all;
        for (const Line& line : section.fences.front().lines) all += " " + line.text;
        found.expected = Condition(all);
        check_names_known(found.expected->names(), section.fences.front().line + 1);
      });
    read_remarks(section, asked ? asked->as<Prediction>() : nullptr, found);
    return found;
  }

  void read_remarks(const Section& section, const Prediction* asked, Explanation& to) const {
    std::vector<Line> text;
    std::size_t begin = 0;
    const auto end = [&] {
      if (begin) to.remarks.back().text = source_.text(text);
      text.clear();
      begin = 0;
    };
    for (const Line& line : section.lines) {
      if (!line.text.starts_with(">")) {
        end();
        continue;
      }
      std::string rest = trimmed(line.text.substr(1));
      if (rest.starts_with("**")) {
        end();
        const auto close = rest.find(":**");
        const std::string lead = close == std::string::npos ? rest : rest.substr(2, close - 2);
        to.remarks.push_back(remark(lead, line.number, asked));
        rest = trimmed(rest.substr(close == std::string::npos ? rest.size() : close + 3));
        begin = line.number;
      } else if (!begin) {
        fail(line.number, "a quote that says for whom it is by nothing",
             "> **Right:** …, > **Wrong:** …, > **You said 2:** … or > **Otherwise:** …");
      }
      check_names_known(Text(rest).names(), line.number);
      text.push_back({line.number, rest});
    }
    end();
  }

  Explanation::Remark remark(const std::string& lead, std::size_t line,
                             const Prediction* asked) const {
    using When = Explanation::Remark::When;
    constexpr std::string_view kSaid = "You said ";
    if (lead == "Otherwise") return {When::otherwise, 0, {}};
    if (!asked)
      fail(line, "'" + lead + "' without a prediction",
           "## Explain NAME: TITLE, or **Otherwise:**");
    if (lead == "Right") return {When::right, 0, {}};
    if (lead == "Wrong") return {When::wrong, 0, {}};
    if (lead.starts_with(kSaid)) {
      const unsigned choice = whole(lead.substr(kSaid.size()), line);
      if (choice <= asked->choices.size()) return {When::said, choice - 1, {}};
      fail(line, "the prediction has no choice " + std::to_string(choice),
           "a number from 1 to " + std::to_string(asked->choices.size()));
    }
    fail(line, "'" + lead + "' is for nobody",
         "**Right:**, **Wrong:**, **You said 2:** or **Otherwise:**");
  }

  // ---- the whole ----

  std::string run_of(const std::string& name) const { return name.substr(0, name.find('.')); }

  // Names of values need a run that has been; whether the run has them, its recording shows.
  void check_names_known(const std::vector<std::string>& names, std::size_t line) const {
    for (const std::string& name : names)
      if (!lesson_.run("") && !lesson_.run(run_of(name)))
        fail(line, "nothing has been run yet that could say " + name,
             "values of runs in steps after them; of several runs, NAME.VALUE");
  }

  void check_whole() const {
    std::vector<std::string> explained;
    for (const Step& step : lesson_.steps)
      if (step.as<Explanation>() && !step.name.empty()) explained.push_back(step.name);
    for (const Step& step : lesson_.steps) {
      const auto* asked = step.as<Prediction>();
      if (!asked) continue;
      if (std::count(explained.begin(), explained.end(), step.name) != 1)
        fail(step.line, "the prediction '" + step.name + "' must be explained once",
             "## Explain " + step.name + ": TITLE");
      for (const std::string& name : asked->names()) check_names_known({name}, step.line);
    }
    if (!run_seen_) fail(1, "the lesson runs nothing", "## Run: TITLE");
  }

  Source source_;
  Lesson lesson_;
  bool run_seen_ = false;
};

}  // namespace

Lesson read_lesson(std::string_view file, std::string_view text) {
  return Reader(file, text).read();
}

}  // namespace vtlab::lessons
