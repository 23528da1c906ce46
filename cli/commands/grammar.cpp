#include "commands/grammar.h"

#include <algorithm>
#include <functional>

#include "commands/arguments.h"
#include "commands/look.h"
#include "commands/show.h"
#include "probes/rung.h"
#include "render/renderer.h"
#include "scenarios/catalogue.h"

namespace vtlab::commands {
namespace {

using Words = std::vector<std::string>;

Words mode_words() {
  Words words = names(modes());
  words.emplace_back("all");
  return words;
}

// What an option's value may be, where it is one of a few words. An option that is not here takes anything.
struct Known {
  const char* option;
  Words (*words)();
  bool list = false;
};
const Known kKnown[] = {
    {"--mode", mode_words, true},
    {"--show", view_names, true},
    {"--format", [] { return names(render::renderers()); }},
    {"--palette", palette_names},
    {"--rung", rung_names},
    {"--observer",
     [] {
       return Words{"auto", "ebpf", "ptrace"};
     }},
    {"--over",
     [] {
       return Words{"socket", "pipe", "file"};
     }},
    {"--pin",
     [] {
       return Words{"synchronized", "native", "file"};
     }},
    {"--poller",
     [] {
       return Words{"epoll", "io_uring"};
     }},
};

std::string one_line_of(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

OptionGrammar read(const CLI::Option& option) {
  OptionGrammar out;
  for (const std::string& name : option.get_snames()) out.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) out.names.push_back("--" + name);
  out.text = one_line_of(option.get_description());
  if (option.get_items_expected_max() == 0) return out;
  out.value = option.get_type_name().empty() ? "VALUE" : option.get_type_name();
  out.standard = option.get_default_str();
  out.file = out.value == "FILE" || out.value == "PATHS" || out.value == "DIR";
  for (const Known& known : kKnown) {
    if (std::find(out.names.begin(), out.names.end(), known.option) == out.names.end()) continue;
    out.words = known.words();
    out.list = known.list;
  }
  return out;
}

void read_options(const CLI::App& app, std::vector<OptionGrammar>& options) {
  for (const CLI::Option* option : app.get_options())
    if (!option->get_positional() && !option->get_group().empty()) options.push_back(read(*option));
}

}  // namespace

Grammar read_grammar(const CLI::App& app) {
  Grammar grammar{app.get_description(), {}, {}};
  read_options(app, grammar.options);
  for (const Command* command : all_commands()) {
    const CLI::App* sub = app.get_subcommand(command->name);
    CommandGrammar out{command->name, command->summary};
    out.takes_program = command->takes_program;
    read_options(*sub, out.options);
    for (const CLI::Option* option : sub->get_options()) {
      if (!option->get_positional()) continue;
      out.positional = option->get_name();
      out.positional_text = one_line_of(option->get_description());
      if (command->words) out.words = command->words();
      out.file = out.positional == "FILE" || !command->words;
    }
    grammar.commands.push_back(std::move(out));
  }
  return grammar;
}

}  // namespace vtlab::commands
