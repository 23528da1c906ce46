// grammar.h — the command line as a value: what there is to type. Completions and the manual are made of it, so
// that they cannot drift from what vtlab really takes.
//
// Threads   Plain values; read_grammar is called once, by the command that wants it.
#pragma once

#include <string>
#include <vector>

#include "commands/command.h"

namespace vtlab::commands {

struct OptionGrammar {
  std::vector<std::string> names;  ///< "-o", "--output"
  std::string text;                ///< one line
  std::string value;               ///< "FILE"; empty: takes none
  std::string standard;            ///< its default; empty if it has none that can be typed
  std::vector<std::string> words;  ///< what the value may be; empty: not known, or a file
  bool file = false;               ///< the value is the name of a file
  bool list = false;               ///< words, separated by commas
};

struct CommandGrammar {
  std::string name, text;
  std::vector<OptionGrammar> options;
  std::string positional;  ///< "SCENARIO"; empty: none
  std::string positional_text;
  std::vector<std::string> words;  ///< what the positional may be, where that is known
  bool file = false;               ///< it may be the name of a file
  bool takes_program = false;      ///< "-- CMD ARGS…" follows
};

struct Grammar {
  std::string text;
  std::vector<OptionGrammar> options;  ///< before a command
  std::vector<CommandGrammar> commands;
};

/// `app`: of vtlab itself, with all commands.
Grammar read_grammar(const CLI::App& app);

}  // namespace vtlab::commands
