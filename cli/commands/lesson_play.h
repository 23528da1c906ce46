// lesson_play.h — a lesson, played: predict, run, see, explain, step by step.
#pragma once

#include <string>

#include "commands/command.h"
#include "commands/lesson_scores.h"
#include "commands/lesson_screen.h"
#include "lessons/lesson.h"
#include "result/observed_json.h"

namespace vtlab::commands {

struct PlayOptions {
  bool demo = false;      ///< for a lecturer: nobody is asked, everything is large
  bool recorded = false;  ///< runs nothing
};

/// A saved run, and no collection of several. Errors: lab::Error (usage).
result::Document load_run(const std::string& word);

/// The saved run that a lesson names: a recording, or a file. Errors: lab::Error (usage).
result::Document recorded_run(const lessons::Lesson& lesson, const lessons::Step& run);

/// Returns the exit code. Errors: lab::Error.
int play(const lessons::Lesson& lesson, const PlayOptions& how, const Invocation& invocation,
         const render::Options& look);

}  // namespace vtlab::commands
