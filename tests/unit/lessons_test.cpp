// lessons_test.cpp — lessons as files, as questions to a run, and on paper.
#include <algorithm>

#include "commands/documents.h"
#include "commands/lesson_views.h"
#include "lessons/check.h"
#include "lessons/explain.h"
#include "lessons/handout.h"
#include "lessons/judge.h"
#include "lessons/lesson_file.h"
#include "lessons/page.h"
#include "lessons/values_of.h"
#include "result/result_json.h"
#include "result/scores.h"
#include "support/catch.h"

using namespace vtlab;
using namespace vtlab::lessons;

namespace {

constexpr const char* kHead = "# Title\n\n- about: something\n- time: 5 minutes\n\n";
constexpr const char* kRun =
    "## Run: Go\n\n- recording: task\n\n```vtlab\nrun spawn-join --mode=virtual\n```\n\n";

std::string predict(const std::string& answer, const std::string& choices = "1. a\n2. b\n") {
  return "## Predict q: What?\n\nHow many?\n\n" + choices + "\n```answer\n" + answer + "\n```\n\n";
}

std::string complaint(const std::string& text) {
  try {
    read_lesson("my.md", text);
  } catch (const FormatError& error) {
    return std::string(error.what()) + " | " + error.write;
  }
  return "";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Values some() {
  return {{"virtual.kernel_tasks", Value::count(2)},
          {"virtual.wall", Value::of(104e6, "ns")},
          {"platform.wall", Value::of(208e6, "ns")},
          {"virtual.metrics.x", Value::missing("nobody counted")},
          {"virtual.claims.exist.virtual", Value::word("holds")}};
}

AllEvidence evidence(const Lesson& lesson) {
  AllEvidence all;
  for (const Step& step : lesson.steps)
    if (const auto* run = step.as<Run>())
      all[step.name] = {commands::load_document(run->recording),
                        "the recording '" + run->recording + "'"};
  return all;
}

Values values(const AllEvidence& evidence) {
  Values all;
  for (const auto& [run, of] : evidence) all.merge(prefixed(values_of(of.document), run));
  return all;
}

// What a lesson types and what a recording was made by may differ in views, in where runtimes are, and in who said that
// there are two carriers: the lesson, or the machine that has two CPUs.
std::string same_experiment(const std::string& line) {
  std::string out, word;
  bool skip = false;
  for (const char c : line + " ") {
    if (c != ' ') {
      word += c;
      continue;
    }
    const bool has_value = word == "--show" || word == "--java" || word == "--go" ||
                           word == "-o" || word == "--carriers" || word == "--procs";
    if (!skip && !has_value && word != "vtlab") out += word + " ";
    skip = has_value;
    word.clear();
  }
  return out;
}

}  // namespace

TEST_CASE("every lesson finds in its recordings all that it names, and what it expects") {
  REQUIRE(library().size() >= 12);
  for (const Lesson& lesson : library()) {
    const AllEvidence of = evidence(lesson);
    for (const auto& [run, each] : of) {
      INFO(lesson.name << " " << run);
      CHECK(complaints(lesson, *lesson.run(run), each.document, values(of)) ==
            std::vector<std::string>{});
    }
  }
}

TEST_CASE(
    "every lesson is whole: two to four predictions, five to ten minutes, a place in the list") {
  std::vector<unsigned> places;
  for (const Lesson& lesson : library()) {
    INFO(lesson.name);
    CHECK(lesson.predictions() >= 2);
    CHECK(lesson.predictions() <= 4);
    CHECK(lesson.minutes >= 5);
    CHECK(lesson.minutes <= 10);
    CHECK(lesson.order > 0);
    CHECK(std::count(places.begin(), places.end(), lesson.order) == 0);
    places.push_back(lesson.order);
  }
}

TEST_CASE("the recording of a run was made by the command that the lesson types") {
  for (const Lesson& lesson : library())
    for (const auto& [run, of] : evidence(lesson)) {
      INFO(lesson.name << " " << run);
      CHECK(same_experiment(host_of(of.document).command) ==
            same_experiment(lesson.run(run)->as<Run>()->line));
      const auto& words = lesson.run(run)->as<Run>()->command;
      const auto asked = std::find(words.begin(), words.end(), "--carriers");
      for (const auto& [name, value] : values_of(of.document))
        if (asked != words.end() && name.ends_with(".params.carriers"))
          CHECK(shown(value) == *(asked + 1));
    }
}

TEST_CASE("handouts have every place filled, with answers and without") {
  for (const Lesson& lesson : library()) {
    const AllEvidence of = evidence(lesson);
    for (const bool answers : {false, true}) {
      const std::string text = handout_markdown(lesson, of, answers, commands::view_as_markdown);
      INFO(lesson.name << "\n" << text);
      CHECK(text.find('{') == std::string::npos);
      CHECK(has(text, "☐"));
      CHECK(has(text, "☑") == answers);
      CHECK(has(text, "came out differently") == false);
      CHECK(has(text, host_of(of.begin()->second.document).kernel));
    }
  }
}

TEST_CASE("a handout as HTML is one page with the lesson's steps") {
  const Lesson& lesson = library().front();
  const std::string page = handout_html(lesson, evidence(lesson), true, commands::view_as_markdown);
  CHECK(has(page, "<h1>" + lesson.title + "</h1>"));
  CHECK(has(page, "<code>"));
  CHECK(has(page, "Predict: "));
  CHECK(has(page, "with answers"));
}

TEST_CASE("a lesson that cannot be read says where and what to write") {
  const std::string run = kRun, head = kHead;
  CHECK(has(complaint(""), "my.md, line 1: there is nothing in it"));
  CHECK(has(complaint("# T\n"), "does not say what it is about"));
  CHECK(has(complaint(head), "runs nothing"));
  CHECK(has(
      complaint(head + "## Predikt q: What?\n"),
      "my.md, line 6: there is no kind of step 'Predikt' | Read, Predict, Run, See or Explain"));
  CHECK(has(complaint(head + "## What\n"), "the heading has no kind"));
  CHECK(has(complaint("# T\n- abuot: x\n"),
            "line 2: there is no setting 'abuot' here | one of: about, needs, order, time"));
  CHECK(has(complaint("# T\n- time: soon\n"), "'soon' is no number"));
  CHECK(has(complaint(head + predict("2 otherwise") + run), "must be explained once"));
  CHECK(has(complaint(head + predict("3 otherwise") + run), "does not begin with a choice"));
  CHECK(has(complaint(head + predict("1 if a.b = 2") + run), "no choice is right if none"));
  CHECK(has(complaint(head + predict("a.b", "") + run), "does not say how near is right"));
  CHECK(has(complaint(head + predict("a.b within 5", "") + run), "'within 5' is no tolerance"));
  CHECK(has(complaint(head + run + predict("1 if virtual.wall > 2\n2 otherwise")),
            "the prediction before its run"));
  CHECK(has(complaint(head + "## See: x\n- show: ledger\n"), "no run before this one"));
  CHECK(has(complaint(head + run + "## See: x\n"), "does not say what to show"));
  CHECK(
      has(complaint(head + run + "## Explain: x\n\n{virtual.wall\n"), "line 16: a { without a }"));
  CHECK(has(complaint(head + run + "## Explain: x\n\n{virtual.wall +}\n"), "cannot stand there"));
  CHECK(has(complaint(head + run + "## Explain nope: x\n"), "no prediction 'nope'"));
  CHECK(has(complaint(head + run + "## Explain: x\n\n> **Right:** y\n"),
            "'Right' without a prediction"));
  CHECK(has(complaint(head + "{virtual.wall}\n" + run), "nothing has been run yet"));
  CHECK(has(complaint(head + run + run), "a second run of the same name"));
  CHECK(has(complaint(head + "## Run: x\n\n```vtlab\nrm -rf x\n```\n"),
            "'rm' is no command of a lesson"));
  CHECK(has(complaint(head + "## Run: x\n\n```vtlab\nrun x -o y\n```\n"),
            "says not where results go"));
  CHECK(has(complaint(head + "## Run: x\n\n```vtlab\n"), "does not end"));
  CHECK(complaint(head + predict("1 if virtual.wall > 2 s\n2 otherwise") + run +
                  "## Explain q: x\n\n{virtual.wall}\n\n> **You said 2:** no\n") == "");
}

TEST_CASE("formulas compute with units, and say what is missing") {
  const auto shown_of = [](const char* text) { return shown(Formula(text).value(some())); };
  CHECK(shown_of("virtual.wall") == "104 ms");
  CHECK(shown_of("platform.wall / virtual.wall") == "2");
  CHECK(shown_of("( virtual.wall + 96 ms ) * 2") == "400 ms");
  CHECK(shown_of("virtual.wall - 4 ms / 2") == "102 ms");
  CHECK(Formula("virtual.wall + 1").value(some()).is_missing());
  CHECK(Formula("virtual.metrics.x * 2").value(some()).text == "nobody counted");
  CHECK(Formula("virtual.nothing").value(some()).text == "the run has no virtual.nothing");
  CHECK_THROWS_AS(Formula("virtual.wall /"), FormulaError);
  CHECK_THROWS_AS(Formula("( virtual.wall"), FormulaError);
  CHECK_THROWS_AS(Formula("virtual.wall platform.wall"), FormulaError);
}

TEST_CASE("a condition holds, fails, or is not known") {
  using Truth = Condition::Truth;
  const auto truth_of = [](const char* text) { return Condition(text).truth(some()); };
  CHECK(truth_of("virtual.kernel_tasks = 2 and virtual.wall < 105 ms") == Truth::holds);
  CHECK(truth_of("virtual.kernel_tasks = 2 and virtual.wall < 103 ms") == Truth::fails);
  CHECK(truth_of("virtual.claims.exist.virtual = holds") == Truth::holds);
  CHECK(truth_of("virtual.claims.exist.virtual != holds") == Truth::fails);
  CHECK(truth_of("virtual.metrics.x = 0") == Truth::not_known);
  CHECK(truth_of("virtual.wall = 104") == Truth::not_known);
  CHECK_THROWS_AS(Condition("virtual.wall"), FormulaError);
  CHECK_THROWS_AS(Condition("1 < 2 < 3"), FormulaError);
}

TEST_CASE("answers are read in the unit that is asked for") {
  CHECK(typed("1,009", "count").number == 1009);
  CHECK(typed("10k", "count").number == 10000);
  CHECK(typed("1.5 s", "ns").number == 1.5e9);
  CHECK(typed("250us", "ns").number == 250e3);
  CHECK(typed("8 KiB", "bytes").number == 8192);
  CHECK(typed("100", "ns").is_missing());
  CHECK(typed("100 ms", "count").is_missing());
  CHECK(typed("-1", "count").is_missing());
  CHECK(typed("", "count").is_missing());
}

TEST_CASE("the run judges: by choices, exactly, by share and by factor") {
  const Values run = some();
  std::string why;
  const auto judged = [&](const std::string& answer, const std::string& choices,
                          const std::string& said) {
    const Lesson lesson =
        read_lesson("my.md", kHead + predict(answer, choices) + kRun + "## Explain q: x\n\ny\n");
    const auto& asked = *lesson.prediction("q")->as<Prediction>();
    const auto given = read_answer(asked, said, why);
    REQUIRE(given);
    return is_right(asked, *given, truth(asked, run));
  };
  const std::string two = "1. a\n2. b\n";
  CHECK(judged("1 if virtual.kernel_tasks > 5\n2 otherwise", two, "2") == true);
  CHECK(judged("1 if virtual.kernel_tasks > 5\n2 otherwise", two, "1") == false);
  CHECK(judged("1 if virtual.metrics.x > 5\n2 otherwise", two, "2") == std::nullopt);
  CHECK(judged("virtual.kernel_tasks exactly", "", "2") == true);
  CHECK(judged("virtual.kernel_tasks exactly", "", "3") == false);
  CHECK(judged("virtual.wall in time within 10 %", "", "100 ms") == true);
  CHECK(judged("virtual.wall in time within 10 %", "", "80 ms") == false);
  CHECK(judged("virtual.wall in time within a factor of 2", "", "53 ms") == true);
  CHECK(judged("virtual.wall in time within a factor of 2", "", "300 ms") == false);
}

TEST_CASE("what is not an answer is said, with what would be one") {
  const Lesson lesson =
      read_lesson("my.md", kHead + predict("2 otherwise") + kRun + "## Explain q: x\n\ny\n");
  const auto& asked = *lesson.prediction("q")->as<Prediction>();
  for (const char* word : {"", "3", "0", "a", "1.5", "1 ms"}) {
    std::string why;
    INFO(word);
    CHECK_FALSE(read_answer(asked, word, why));
    CHECK(why == "write a number from 1 to 2");
  }
}

TEST_CASE(
    "an explanation speaks to who was right, who was wrong, and of a run that came out "
    "differently") {
  const std::string text = std::string(kHead) +
                           predict("1 if virtual.kernel_tasks > 5\n2 otherwise") + kRun +
                           "## Explain q: x\n\n```expect\nvirtual.kernel_tasks = N\n```\n\n"
                           "{virtual.kernel_tasks} tasks\n\n> **Right:** good\n> on you\n\n"
                           "> **Wrong:** no\n\n> **Otherwise:** odd\n";
  const auto explain = [&](const std::string& n, std::optional<bool> right) {
    std::string of = text;
    of.replace(of.find("= N"), 3, "= " + n);
    const Lesson lesson = read_lesson("my.md", of);
    Answer answer;
    answer.choice = 0;
    return explained(lesson.steps.back(), some(), answer, right);
  };
  CHECK(explain("2", true).remark == "good\non you");
  CHECK(explain("2", false).remark == "no");
  CHECK(explain("2", false).text == "2 tasks");
  const Explained other = explain("7", true);
  CHECK_FALSE(other.as_expected);
  CHECK(other.remark.empty());
  CHECK(has(other.text, "came out differently"));
  CHECK(has(other.text, "virtual.kernel_tasks is 2"));
  CHECK(has(other.text, "odd"));
  CHECK_FALSE(has(other.text, "2 tasks"));
}

TEST_CASE("a page wraps paragraphs, hangs lists, keeps blocks and marks words") {
  PageStyle style;
  style.options.width = 30;
  style.indent = 2;
  CHECK(page("one two three\nfour `five` **six** seven", style) ==
        "  one two three four five\n  six seven\n");
  CHECK(page("- one two three four five six\n- b", style) ==
        "  • one two three four five\n    six\n  • b\n");
  CHECK(page("```text\n a   b\n```", style) == "     a   b\n");
  style.options.ascii = true;
  CHECK(page("- a", style) == "  * a\n");
}

TEST_CASE("scores are read as they were written, and a file of something else is refused") {
  result::Scores scores;
  scores.put({"task", "2026-01-01T00:00:00Z", 3, true, {{"a", "2", true}, {"b", "x", {}}}});
  scores.put({"task", "2026-01-02T00:00:00Z", 3, false, {{"a", "1", false}}});
  scores.put({"go", "2026-01-02T00:00:00Z", 2, true, {}});
  const result::Scores again = result::scores_from_json(to_json(scores));
  REQUIRE(again.lessons.size() == 2);
  CHECK(again.find("task")->at == "2026-01-02T00:00:00Z");
  CHECK(again.find("task")->answers.front().right == false);
  CHECK(again.find("task")->right() == 0);
  CHECK_THROWS_AS(result::scores_from_json("{}"), result::SchemaError);
  CHECK_THROWS_AS(result::scores_from_json("nonsense"), result::SchemaError);
}
