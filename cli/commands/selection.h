// selection.h — the options that say what is run and who looks: those that `run` and `compare` have in common.
#pragma once

#include <string>

#include "commands/command.h"
#include "lab/foreign/start.h"
#include "lab/request.h"

namespace vtlab::commands {

struct Selection {
  std::string modes = "virtual", tasks, delay, over, pin, carriers, procs, poller, seed = "1", timeout;
  std::string observer = "auto", rung;
  bool runtime_count = false;
  std::string java, go;
};

/// An option that shows its default, if it has one.
CLI::Option* add_text_option(CLI::App& app, const char* name, std::string& value, const char* type,
                             const std::string& text);
/// All but --tasks and --repeat, whose meaning the commands do not share.
void add_selection_options(CLI::App& app, Selection& selection);

/// --java and --go.
void add_runtime_options(CLI::App& app, std::string& java, std::string& go);
/// With what they name; what it compiles is shown where somebody looks. Errors: lab::Error (usage).
lab::ForeignModes foreign_modes(const std::string& java, const std::string& go);

/// For completion.
std::vector<std::string> scenario_names();

/// A number of units. Errors: lab::Error (usage).
std::uint32_t parse_tasks(const std::string& text);
std::uint32_t parse_repeat(const std::string& option, const std::string& text, std::uint64_t least);

/// The request with its defaults filled in, to be run once. Errors: lab::Error (usage).
lab::Request parse_selection(const std::string& scenario, const Selection& selection,
                             const Invocation& invocation);

/// The path of vtlab-child, which is beside vtlab.
std::string child_program();

}  // namespace vtlab::commands
