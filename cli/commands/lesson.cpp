// lesson.cpp — vtlab lesson [NAME]: predict, run, see, explain. Lessons are files: docs/lessons/README.md.
#include <algorithm>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "commands/arguments.h"
#include "commands/command.h"
#include "commands/documents.h"
#include "commands/lesson_play.h"
#include "commands/lesson_views.h"
#include "commands/look.h"
#include "commands/new_file.h"
#include "lab/error.h"
#include "lessons/check.h"
#include "lessons/handout.h"
#include "lessons/lesson_file.h"
#include "lessons/values_of.h"
#include "render/format.h"
#include "render/palette.h"
#include "render/words.h"

namespace vtlab::commands {
namespace {

using lessons::Lesson;
using lessons::Step;

struct Options {
  std::vector<std::string> words, results;
  std::string output;
  bool answers = false;
  PlayOptions play;
  Look look;
};

constexpr const char* kExport = "export";
constexpr const char* kCheck = "check";
constexpr const char* kValues = "values";

// ---- which lesson ----

Lesson lesson_of_file(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf()))
    throw lab::Error(lab::ExitCode::usage, "cannot read the lesson " + file,
                     {std::strerror(errno)});
  try {
    return lessons::read_lesson(file, text.str());
  } catch (const lessons::FormatError& error) {
    throw lab::Error(lab::ExitCode::usage, error.what(), {"there should be: " + error.write});
  }
}

std::vector<std::string> lesson_names() {
  std::vector<std::string> names;
  for (const Lesson& each : lessons::library()) names.push_back(each.name);
  return names;
}

Lesson find_lesson(const std::string& word, const Invocation& invocation) {
  if (word.find('/') != std::string::npos || word.ends_with(".md")) return lesson_of_file(word);
  for (const Lesson& lesson : lessons::library())
    if (lesson.name == word) return lesson;
  unknown_name("lesson", word, lesson_names(), invocation.program + " lesson");
}

// ---- the list ----

int list(const Invocation& invocation, const render::Options& look) {
  const ScoreFile scores(lab::invoking_user());
  constexpr std::size_t kName = 18, kTime = 8, kScore = 8;
  const std::size_t width = std::min(look.width, 80u);
  const std::size_t title = width - 2 - kName - kTime - kScore;
  std::string out =
      render::paint(render::pad_right("Lessons: predict, run, see, explain", width - kScore) +
                        render::pad_left("score", kScore),
                    render::Tone::heading, look) +
      "\n\n";
  for (const Lesson& lesson : lessons::library()) {
    const result::LessonScore* score = scores.scores().find(lesson.name);
    const std::string points = !score             ? "–"
                               : !score->finished ? "begun"
                                                  : std::to_string(score->right()) + " of " +
                                                        std::to_string(score->predictions);
    out += "  " + render::paint(render::pad_right(lesson.name, kName), render::Tone::strong, look) +
           render::paint(render::pad_right(render::shorten(lesson.title, title), title) +
                             render::pad_left(std::to_string(lesson.minutes) + " min", kTime) +
                             render::pad_left(points, kScore),
                         render::Tone::plain, look) +
           "\n";
    for (const std::string& line : render::wrap(lesson.summary, width - 2 - kName))
      out += std::string(2 + kName, ' ') + render::paint(line, render::Tone::dim, look) + "\n";
  }
  if (!scores.complaint().empty())
    out += "\n" + render::paint("! " + scores.complaint(), render::Tone::warning, look) + "\n";
  out += "\n" +
         render::paint(
             "Play one:  sudo " + invocation.program + " lesson " + lessons::library().front().name,
             render::Tone::plain, look) +
         "\n";
  std::cout << out;
  return 0;
}

// ---- what its runs are ----

// "run.json", or "NAME=run.json" of a lesson with several runs.
lessons::AllEvidence evidence(const Lesson& lesson, const Options& options) {
  std::map<std::string, std::string> files;
  for (const std::string& word : options.results) {
    const auto equals = word.find('=');
    const std::string name = equals == std::string::npos ? "" : word.substr(0, equals);
    if (!lesson.run(name)) {
      std::vector<std::string> runs;
      for (const Step& step : lesson.steps)
        if (step.as<lessons::Run>()) runs.push_back(step.name);
      const std::string names = render::join(runs, ", ");
      throw lab::Error(
          lab::ExitCode::usage,
          "the lesson has no run '" + name + "', of which " + word + " could be the result",
          {names.empty() ? "it has one run, without a name" : "it has: " + names},
          {names.empty() ? "--result run.json" : "--result NAME=run.json"});
    }
    files[name] = word.substr(equals == std::string::npos ? 0 : equals + 1);
  }
  lessons::AllEvidence all;
  for (const Step& step : lesson.steps) {
    const auto* run = step.as<lessons::Run>();
    if (!run) continue;
    const auto file = files.find(step.name);
    if (file == files.end())
      all[step.name] = {recorded_run(lesson, step), "the recording '" + run->recording + "'"};
    else
      all[step.name] = {load_run(file->second), file->second};
  }
  return all;
}

std::vector<std::string> complaints(const Lesson& lesson, const lessons::AllEvidence& evidence) {
  lessons::Values values;
  for (const auto& [run, of] : evidence)
    values.merge(lessons::prefixed(lessons::values_of(of.document), run));
  std::vector<std::string> all;
  for (const auto& [run, of] : evidence)
    for (std::string& each : lessons::complaints(lesson, *lesson.run(run), of.document, values))
      if (std::find(all.begin(), all.end(), each) == all.end()) all.push_back(std::move(each));
  return all;
}

// ---- words instead of a lesson ----

int check(const Lesson& lesson, const Options& options) {
  const std::vector<std::string> wrong = complaints(lesson, evidence(lesson, options));
  for (const std::string& each : wrong) std::cout << each << "\n";
  if (!wrong.empty()) return static_cast<int>(lab::ExitCode::claim_failed);
  std::cout << lesson.name << ": " << render::plural(lesson.steps.size(), "step") << ", "
            << render::plural(lesson.predictions(), "prediction")
            << "; its runs have every value that it names\n";
  return 0;
}

int values(const std::string& file) {
  std::size_t width = 0;
  const lessons::Values all = lessons::values_of(load_run(file));
  for (const auto& [name, value] : all) width = std::max(width, name.size());
  for (const auto& [name, value] : all)
    std::cout << render::pad_right(name, width) << "  "
              << (value.is_missing() ? "– " + render::one_line(value.text) : shown(value)) << "\n";
  return 0;
}

// What makes a result that fits.
std::vector<std::string> to_type(const Lesson& lesson) {
  std::vector<std::string> lines;
  for (const Step& step : lesson.steps)
    if (const auto* run = step.as<lessons::Run>())
      lines.push_back("vtlab " + run->line + " -o " + (step.name.empty() ? "run" : step.name) +
                      ".json");
  return lines;
}

int write_handout(const Lesson& lesson, const Options& options) {
  const lessons::AllEvidence runs = evidence(lesson, options);
  std::vector<std::string> missing;
  for (const auto& [run, of] : runs)
    for (const std::string& each : lessons::what_is_missing(lesson, *lesson.run(run), of.document))
      missing.push_back(of.from + ": " + each);
  if (!missing.empty())
    throw lab::Error(lab::ExitCode::usage, "the result does not fit the lesson", missing,
                     to_type(lesson));
  const bool html = options.output.ends_with(".html");
  const std::string text = html ? handout_html(lesson, runs, options.answers, view_as_markdown)
                                : handout_markdown(lesson, runs, options.answers, view_as_markdown);
  if (options.output.empty() || options.output == "-") {
    std::cout << text;
    return 0;
  }
  write_file(options.output, text, lab::invoking_user());
  std::cerr << "vtlab: wrote " << options.output << "\n";
  return 0;
}

// "export NAME" and "NAME export" are the same.
int lesson(const Options& options, const Invocation& invocation) {
  std::vector<std::string> words = options.words;
  const render::Options look = look_on(STDOUT_FILENO, options.look);
  std::string verb;
  for (const char* known : {kExport, kCheck, kValues}) {
    const auto found = std::find(words.begin(), words.end(), known);
    if (found == words.end()) continue;
    verb = known;
    words.erase(found);
    break;
  }
  if (words.empty() && verb.empty()) return list(invocation, look);
  if (words.size() != 1)
    throw lab::Error(
        lab::ExitCode::usage, "one lesson at a time", {"given: " + std::to_string(words.size())},
        {invocation.program + " lesson", invocation.program + " lesson task export -o task.html"});
  if (verb == kValues) return values(words[0]);
  const Lesson chosen = find_lesson(words[0], invocation);
  if (verb == kCheck) return check(chosen, options);
  if (verb == kExport) return write_handout(chosen, options);
  return play(chosen, options.play, invocation, look);
}

Action add(CLI::App& app, const Invocation& invocation) {
  auto o = std::make_shared<Options>();
  app.add_option(
         "LESSON", o->words,
         "a name, or a file ./my-lesson.md; none: the list. With 'export': a handout; with "
         "'check': does it fit its recordings; 'values RUN': what lessons can name of a run")
      ->type_name("");
  app.add_flag("--recorded", o->play.recorded, "run nothing, show the recordings");
  app.add_flag("--demo", o->play.demo, "for a lecturer: no questions, pauses, large output");
  app.add_flag("--answers", o->answers, "export: with answers");
  app.add_option("--result", o->results, "export: from this saved run, not from the recording")
      ->type_name("FILE");
  app.add_option("-o,--output", o->output, "export: write there; .md or .html")->type_name("FILE");
  add_look_options(app, o->look);
  return [o, invocation] { return lesson(*o, invocation); };
}

}  // namespace

const Command command_lesson{"lesson", "predict, run, see, explain: a lesson, with a score", add,
                             false, lesson_names};

}  // namespace vtlab::commands
