#include "commands/lesson_play.h"

#include <algorithm>
#include <ctime>
#include <map>

#include "commands/documents.h"
#include "commands/lesson_run.h"
#include "commands/lesson_speech.h"
#include "commands/lesson_views.h"
#include "lab/error.h"
#include "lessons/check.h"
#include "lessons/explain.h"
#include "lessons/values_of.h"
#include "recordings/recordings.h"
#include "render/format.h"
#include "render/words.h"

namespace vtlab::commands {
namespace {

using namespace vtlab::lessons;
using render::Tone;

std::string now() {
  const std::time_t seconds = std::time(nullptr);
  char text[32];
  std::tm parts{};
  return {text, std::strftime(text, sizeof(text), "%FT%TZ", gmtime_r(&seconds, &parts))};
}

// Leaves so many lines, and says how many there were more; a few more are rather shown.
std::size_t cut(std::string& text, std::size_t most) {
  constexpr std::size_t kFew = 3;
  const auto all = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  if (most == 0 || all <= most + kFew) return 0;
  std::size_t end = 0;
  for (std::size_t i = 0; i < most; ++i) end = text.find('\n', end) + 1;
  text.resize(end);
  return all - most;
}

class Player {
 public:
  Player(const Lesson& lesson, const PlayOptions& how, const Invocation& invocation,
         const render::Options& look)
      : lesson_(lesson),
        how_(how),
        invocation_(invocation),
        screen_(signals_, look),
        say_(screen_, look, how.demo),
        scores_(lab::invoking_user()) {
    score_ = {lesson.name, now(), lesson.predictions(), false, {}};
  }

  int play() {
    begin();
    for (const Step& step : lesson_.steps) {
      if (screen_.ended()) break;
      if (how_.demo) screen_.clear();
      std::visit([&](const auto& what) { show(step, what); }, step.what);
    }
    end();
    return static_cast<int>(screen_.interrupted() ? lab::ExitCode::interrupted
                                                  : lab::ExitCode::done);
  }

 private:
  // ---- the beginning and the end ----

  void begin() {
    if (how_.demo) screen_.clear();
    say_.heading("Lesson", lesson_.title);
    say_.text(lesson_.text.filled({}));
    const auto runs = std::count_if(lesson_.steps.begin(), lesson_.steps.end(),
                                    [](const Step& step) { return step.as<lessons::Run>(); });
    const std::string these = runs == 1 ? "this" : "these";
    say_.line("About " + std::to_string(lesson_.minutes) + " minutes, and " +
                  render::plural(lesson_.predictions(), "prediction") + ". Then " +
                  (how_.recorded ? "the recordings of " + these + " are shown:"
                                 : these + (runs == 1 ? " runs:" : " run:")),
              Tone::plain);
    for (const Step& step : lesson_.steps)
      if (const auto* run = step.as<lessons::Run>()) say_.command(run->line);
    if (!lesson_.needs.empty())
      say_.line("It needs " + lesson_.needs + "; where that is missing, it shows a recording.",
                Tone::dim);
    if (!how_.demo) {
      const result::LessonScore* last = scores_.scores().find(lesson_.name);
      if (last && last->finished)
        say_.line("Last time: " + std::to_string(last->right()) + " of " +
                      std::to_string(last->predictions) + " right.",
                  Tone::dim);
      if (!scores_.complaint().empty()) say_.line("! " + scores_.complaint(), Tone::warning);
    }
    screen_.go_on("begin: Enter");
  }

  void end() {
    if (how_.demo) return;
    screen_.status("");
    if (screen_.ended()) {
      const std::string again = " To begin again:  " + invocation_.line;
      const std::string answers = render::plural(score_.answers.size(), "answer");
      // It has ended, so nothing is shown page by page any more.
      if (score_.answers.empty())
        farewell("Stopped." + again);
      else if (keep())
        farewell("Stopped; " + answers + (score_.answers.size() == 1 ? " is" : " are") + " kept." +
                 again);
      else
        farewell("Stopped; the score of the last time stays." + again);
      return;
    }
    score_.finished = true;
    keep();
    say_.heading("Score", points());
    for (const Step& step : lesson_.steps) {
      if (!step.as<Prediction>()) continue;
      for (const result::GivenAnswer& answer : score_.answers)
        if (answer.question == step.name)
          say_.line(mark(answer.right) + "  " + step.title, tone(answer.right));
    }
    screen_.show("\n");
    if (!scores_.complaint().empty()) say_.line("! " + scores_.complaint(), Tone::warning);
    const auto& all = library();
    const auto here = std::find_if(all.begin(), all.end(),
                                   [&](const Lesson& each) { return each.name == lesson_.name; });
    if (here != all.end() && here + 1 != all.end())
      say_.line("Next: " + invocation_.program + " lesson " + (here + 1)->name + " (" +
                    (here + 1)->title + ")",
                Tone::dim);
  }

  void farewell(const std::string& words) {
    for (const std::string& each : render::wrap(words, say_.look().width - 2))
      screen_.say("  " + render::paint(each, Tone::plain, say_.look()) + "\n");
  }

  std::string points() const {
    return std::to_string(score_.right()) + " of " +
           render::plural(score_.predictions, "prediction") + " right";
  }
  // False: it was played to its end before, and this is not worth that.
  bool keep() {
    const result::LessonScore* last = scores_.scores().find(lesson_.name);
    if (!score_.finished && last && last->finished) return false;
    scores_.put(score_);
    return true;
  }
  static std::string mark(std::optional<bool> right) { return !right ? "?" : *right ? "✓" : "✗"; }
  static Tone tone(std::optional<bool> right) {
    return !right ? Tone::warning : *right ? Tone::good : Tone::bad;
  }

  // ---- steps ----

  void show(const Step& step, const Reading&) {
    say_.heading("Read", step.title);
    say_.text(step.text.filled(values_));
    screen_.go_on("go on: Enter");
  }

  void show(const Step& step, const Prediction& asked) {
    say_.heading(
        "Predict " + std::to_string(++asked_) + " of " + std::to_string(lesson_.predictions()),
        step.title);
    say_.text(step.text.filled(values_));
    std::string choices;
    for (std::size_t i = 0; i < asked.choices.size(); ++i)
      choices += std::to_string(i + 1) + ". " + asked.choices[i] + "\n";
    say_.text(choices);
    if (how_.demo) {
      screen_.go_on("ask the room, then: Enter");
      return;
    }
    std::optional<Answer> answer;
    while (!answer) {
      const auto typed = screen_.ask("  Your answer" + kind_of_answer(asked) + ":");
      if (!typed) return;
      std::string complaint;
      answer = lessons::read_answer(asked, *typed, complaint);
      if (!answer)
        say_.line((typed->empty() ? "" : "'" + *typed + "' is no answer: ") + complaint,
                  Tone::warning);
    }
    score_.answers.push_back({step.name, answer->said, {}});
    answers_[step.name] = *answer;
  }

  static std::string kind_of_answer(const Prediction& asked) {
    if (!asked.choices.empty()) return " (1–" + std::to_string(asked.choices.size()) + ")";
    if (asked.unit == "ns") return " (a time, such as 100 ms)";
    if (asked.unit == "bytes") return " (such as 512 B or 8 KiB)";
    return " (a number)";
  }

  void show(const Step& step, const lessons::Run& run) {
    say_.heading("Run", step.title);
    say_.text(step.text.filled(values_));
    say_.command(run.line);
    if (!how_.recorded && screen_.go_on("run it: Enter") && run_here(step, run)) return;
    if (screen_.ended()) return;
    if (run.recording.empty()) {
      if (!how_.demo) keep();
      throw lab::Error(lab::ExitCode::machine_cannot, "the lesson cannot go on",
                       {"it names no recording of this run"},
                       {"- recording: FILE.json    in the lesson"});
    }
    result::Document document = recorded_run(lesson_, step);
    const result::Host& host = host_of(document);
    say_.line("The recording '" + run.recording + "' is shown: the same command on Linux " +
                  host.kernel + ", " + render::plural(host.cpus, "CPU") + ", " +
                  host.started_at.substr(0, 10) + ".",
              Tone::plain);
    take(step, std::move(document), "vtlab report " + run.recording);
    screen_.go_on("go on: Enter");
  }

  // False: this machine cannot; it then has said why.
  bool run_here(const Step& step, const lessons::Run& run) {
    double took = 0;
    Ran ran = run_for_lesson(run.command, invocation_.program, signals_, [&](double seconds) {
      took = seconds;
      screen_.status("  running … " + std::to_string(static_cast<int>(seconds)) +
                     " s    Ctrl-C stops");
    });
    screen_.status("");
    if (ran.interrupted) {
      screen_.stop();
      return false;
    }
    if (ran.document) ran.why_not = what_is_missing(lesson_, step, *ran.document);
    if (!ran.why_not.empty()) {
      constexpr std::size_t kMost = 3;
      say_.line("! This machine cannot show it:", Tone::warning);
      for (std::size_t i = 0; i < std::min(kMost, ran.why_not.size()); ++i)
        say_.line("  " + ran.why_not[i], Tone::warning);
      return false;
    }
    say_.line("Done, in " + render::format_duration(took * 1e9) + ", on this machine.", Tone::good);
    take(step, std::move(*ran.document), "what the command above prints");
    return true;
  }

  /// `whole`: where people find all of it.
  void take(const Step& step, result::Document document, std::string whole) {
    whole_[step.name] = std::move(whole);
    values_.merge(prefixed(values_of(document), step.name));
    documents_.insert_or_assign(step.name, std::move(document));
  }

  void show(const Step& step, const View& view) {
    say_.heading("See", step.title);
    say_.text(step.text.filled(values_));
    std::string table = view_as_table(documents_.at(step.name), view, say_.look());
    const std::size_t left_out = cut(table, view.lines);
    screen_.show(table);
    if (left_out > 0)
      say_.line("… and " + render::plural(left_out, "line") + " more, in: " + whole_.at(step.name),
                Tone::dim);
    screen_.show("\n");
    screen_.go_on("go on: Enter");
  }

  void show(const Step& step, const Explanation& explanation) {
    say_.heading("Explain", step.title);
    const auto given = answers_.find(step.name);
    std::optional<Answer> answer;
    if (given != answers_.end()) answer = given->second;
    std::optional<bool> right;
    if (const Step* asked = step.name.empty() ? nullptr : lesson_.prediction(step.name)) {
      const auto& prediction = *asked->as<Prediction>();
      const Truth is = truth(prediction, values_);
      if (answer) right = is_right(prediction, *answer, is);
      tell(asked->title, answer, right, is);
      for (result::GivenAnswer& each : score_.answers)
        if (each.question == step.name) each.right = right;
    }
    const Explained words = explained(step, values_, answer, right);
    say_.text(words.remark);
    say_.text(words.text);
    for (const auto& [run, document] : documents_)
      for (const std::string& verdict : verdicts(explanation, document)) say_.text(verdict);
    screen_.go_on("go on: Enter");
  }

  void tell(const std::string& question, const std::optional<Answer>& answer,
            std::optional<bool> right, const Truth& is) {
    if (how_.demo) say_.line(question, Tone::strong);
    if (answer) say_.labelled("You said", answer->said);
    say_.labelled("In this run", is.shown.empty() ? "nobody can tell: " + is.because : is.shown);
    if (answer)
      say_.line(mark(right) + (!right   ? " not judged"
                               : *right ? " right"
                                        : " not this time"),
                tone(right));
    screen_.show("\n");
  }

  const Lesson& lesson_;
  const PlayOptions how_;
  const Invocation& invocation_;
  lab::Signals signals_;
  Screen screen_;
  Speech say_;
  ScoreFile scores_;
  result::LessonScore score_;
  std::size_t asked_ = 0;
  std::map<std::string, Answer, std::less<>> answers_;
  std::map<std::string, result::Document, std::less<>> documents_;  ///< by the run's name
  std::map<std::string, std::string, std::less<>> whole_;           ///< by the same
  Values values_;
};

}  // namespace

result::Document load_run(const std::string& word) {
  result::Document document = load_document(word);
  if (std::holds_alternative<result::Collection>(document))
    throw lab::Error(lab::ExitCode::usage, word + " is not one run",
                     {"it holds several documents side by side; a lesson is about one"});
  return document;
}

result::Document recorded_run(const Lesson& lesson, const Step& step) {
  const std::string& name = step.as<lessons::Run>()->recording;
  if (const recordings::Recording* built_in = recordings::find(name))
    return result::read_document(built_in->text);
  if (name.empty())
    throw lab::Error(
        lab::ExitCode::usage,
        lesson.file + ", line " + std::to_string(step.line) + ": the run has no recording", {},
        {"- recording: NAME    below the heading"});
  return load_run(name);
}

int play(const Lesson& lesson, const PlayOptions& how, const Invocation& invocation,
         const render::Options& look) {
  return Player(lesson, how, invocation, look).play();
}

}  // namespace vtlab::commands
