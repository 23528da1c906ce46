#include "commands/commands.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <string_view>

#include "commands/arguments.h"
#include "commands/command.h"
#include "lab/error.h"
#include "render/format.h"

namespace vtlab::commands {
namespace {

constexpr const Command* kCommands[] = {&command_run,    &command_compare,    &command_observe,
                                        &command_prove,  &command_lesson,     &command_explain,
                                        &command_report, &command_replay,     &command_list,
                                        &command_doctor, &command_completion, &command_manual};

Invocation invocation(int argc, char** argv, const std::string& version) {
  const char* called = std::getenv("VTLAB_CALLED_AS");  // set by the wrapper
  Invocation result{version, called ? called : argv[0], {}};
  result.line = result.program;
  for (int i = 1; i < argc; ++i) result.line += " " + shell_word(argv[i]);
  return result;
}

// Help in 80 columns: CLI11 does not wrap what it says of an option.
class Help : public CLI::Formatter {
 public:
  std::string make_option_desc(const CLI::Option* option) const override {
    return wrapped(option->get_description());
  }
  std::string make_subcommand(const CLI::App* command) const override {
    return render::pad_right("  " + command->get_name(), get_column_width()) +
           wrapped(command->get_description(), std::string(get_column_width(), ' ')) + "\n";
  }

 private:
  std::string wrapped(const std::string& text, const std::string& lead = {}) const {
    std::string out;
    for (const std::string& line : render::wrap(text, 80 - get_column_width()))
      out += (out.empty() ? "" : "\n" + lead) + line;
    return out;
  }
};

// How many words are vtlab's own. What stands after "--" is somebody else's command line: CLI11 must
// not look into it.
int own_words(int argc, char** argv) {
  const bool takes_program =
      argc > 1 && std::any_of(std::begin(kCommands), std::end(kCommands), [&](const Command* c) {
        return c->takes_program && std::strcmp(c->name, argv[1]) == 0;
      });
  const auto end = argv + argc;
  return takes_program ? static_cast<int>(std::find(argv, end, std::string_view("--")) - argv)
                       : argc;
}

// CLI11 says what is wrong; people also need to know what is right.
[[noreturn]] void explain(const CLI::ParseError& error, const CLI::App& app,
                          const Invocation& invocation, int argc, char** argv) {
  std::vector<std::string> type;
  const auto chosen = app.get_subcommands();
  if (chosen.empty() && argc > 1 && argv[1][0] != '-') {
    std::vector<std::string> names;
    for (const Command* command : kCommands) names.emplace_back(command->name);
    unknown_name("command", argv[1], names, invocation.program + " --help");
  }
  const std::string where = chosen.empty() ? "" : " " + chosen.front()->get_name();
  throw lab::Error(lab::ExitCode::usage, "cannot read the command line", {error.what()},
                   {invocation.program + where + " --help"});
}

// A full disk behind standard output is an error, whatever wrote to it; a reader that left is none.
int flushed(int exit_code) {
  if (std::cout) errno = 0;  // else it is of the write that failed
  if (std::cout.flush() || errno == EPIPE) return exit_code;
  throw lab::Error(lab::ExitCode::machine_cannot, "cannot write standard output",
                   {std::strerror(errno ? errno : EIO)});
}

}  // namespace

std::span<const Command* const> all_commands() {
  return kCommands;
}

int run_command_line(int argc, char** argv, const std::string& version) {
  Invocation how = invocation(argc, argv, version);
  const int own = own_words(argc, argv);
  if (own < argc) how.rest.assign(argv + own + 1, argv + argc);
  CLI::App app{"vtlab: which action of a program made which task_struct, and what that cost"};
  app.name(how.program);
  app.formatter(std::make_shared<Help>());
  app.set_version_flag("--version", "vtlab " + version);
  app.require_subcommand(1);
  app.footer("Start with:  sudo " + how.program + " run blocking-io --mode=virtual");

  std::map<const CLI::App*, Action> actions;
  for (const Command* command : kCommands) {
    CLI::App* sub = app.add_subcommand(command->name, command->summary);
    actions[sub] = command->add(*sub, how);
  }
  if (argc == 1) {
    std::cout << app.help();
    return static_cast<int>(lab::ExitCode::usage);
  }
  try {
    app.parse(own, argv);
  } catch (const CLI::Success& wanted) {  // --help, --version
    return flushed(app.exit(wanted));
  } catch (const CLI::ParseError& error) {
    explain(error, app, how, argc, argv);
  }
  return flushed(actions.at(app.get_subcommands().front())());
}

}  // namespace vtlab::commands
