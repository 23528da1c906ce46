// command.h — what a command is: a name, a sentence, and a function that adds its options.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace vtlab::commands {

/// What every command may need to know about how vtlab was called.
struct Invocation {
  std::string version;
  std::string program;            ///< what the user typed to get here: "vtlab", "./vtlabw"
  std::string line;               ///< the whole command line, for "sudo …" hints
  std::vector<std::string> rest;  ///< what stands after "--", if the command takes a program
};

/// Adds options to `app` and returns what to do once they are parsed; that returns the exit code.
using Action = std::function<int()>;
struct Command {
  const char* name;
  const char* summary;
  Action (*add)(CLI::App& app, const Invocation& invocation);
  bool takes_program = false;  ///< "-- CMD ARGS…" follows its options
  /// What its first word may be, for completion; null: anything, or the name of a file.
  std::vector<std::string> (*words)() = nullptr;
};

extern const Command command_run, command_observe, command_report, command_list, command_doctor,
    command_prove, command_lesson, command_explain, command_compare, command_replay,
    command_completion, command_manual;

/// In the order of --help.
std::span<const Command* const> all_commands();

}  // namespace vtlab::commands
