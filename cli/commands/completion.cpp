// completion.cpp — vtlab completion SHELL: what the shell offers after Tab, made of the command line itself.
#include <algorithm>
#include <iostream>
#include <memory>

#include "commands/arguments.h"
#include "commands/command.h"
#include "commands/grammar.h"
#include "render/words.h"

namespace vtlab::commands {
namespace {

// In single quotes of a shell.
std::string quoted(std::string text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// A word of a list in which blanks separate: topics may have some ("unit latency"), which people may write with a dash.
std::vector<std::string> without_blanks(std::vector<std::string> words) {
  for (std::string& word : words) std::replace(word.begin(), word.end(), ' ', '-');
  return words;
}

std::vector<std::string> option_names(const std::vector<OptionGrammar>& options) {
  std::vector<std::string> names;
  for (const OptionGrammar& option : options) names.push_back(option.names.back());
  return names;
}

// Options mean the same in every command that has them.
std::vector<const OptionGrammar*> all_with_values(const Grammar& grammar) {
  std::vector<const OptionGrammar*> all;
  const auto is = [](const OptionGrammar& option) {
    return [&](const OptionGrammar* other) { return other->names == option.names; };
  };
  for (const CommandGrammar& command : grammar.commands)
    for (const OptionGrammar& option : command.options)
      if (!option.value.empty() && std::none_of(all.begin(), all.end(), is(option)))
        all.push_back(&option);
  return all;
}

std::string bash(const Grammar& grammar) {
  std::vector<std::string> names;
  std::string cases, values;
  for (const CommandGrammar& command : grammar.commands) {
    names.push_back(command.name);
    cases += "\t" + command.name +
             ")\n\t\toptions=" + quoted(render::join(option_names(command.options), " ")) +
             "\n\t\twords=" + quoted(render::join(without_blanks(command.words), " ")) + "\n";
    if (command.file) cases += "\t\tfiles=1\n";
    cases += "\t\t;;\n";
  }
  for (const OptionGrammar* option : all_with_values(grammar)) {
    values += "\t" + render::join(option->names, " | ") +
              ") options='' files='' words=" + quoted(render::join(option->words, " "));
    if (option->list) values += " list=1";
    if (option->file) values += " files=1";
    values += " ;;\n";
  }
  return R"(# bash completion for vtlab; made by: vtlab completion bash
_vtlab() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} options='' words='' list='' files='' lead='' i
	# --option=word comes as three words.
	if [[ $word == = ]]; then
		word=''
	elif [[ $before == = ]]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	for ((i = 2; i < COMP_CWORD; ++i)); do
		if [[ ${COMP_WORDS[i]} == -- ]]; then
			if declare -F _command_offset >/dev/null; then _command_offset $((i + 1)); fi
			return
		fi
	done
	case ${COMP_WORDS[1]} in
)" + cases +
         R"(	esac
	if ((COMP_CWORD == 1)); then
		files='' words=)" +
         quoted(render::join(names, " ")) +
         " options=" + quoted(render::join(option_names(grammar.options), " ")) + R"(
	fi
	case $before in
)" + values +
         R"(	esac
	[[ $word != -* ]] || words=$options
	if [[ $list && $word == *,* ]]; then
		lead=${word%,*},
		word=${word##*,}
	fi
	mapfile -t COMPREPLY < <(compgen -P "$lead" -W "$words" -- "$word")
	if [[ $files ]]; then
		compopt -o filenames 2>/dev/null
		mapfile -O ${#COMPREPLY[@]} -t COMPREPLY < <(compgen -f -- "$word")
	fi
	[[ ! $list ]] || compopt -o nospace 2>/dev/null
}
complete -F _vtlab vtlab vtlabw
)";
}

// In a specification of _arguments, colons and brackets are signs.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_words(const std::vector<std::string>& words, bool list, bool file) {
  if (words.empty()) return file ? "_files" : " ";
  const std::string all = render::join(without_blanks(words), " ");
  return list ? "_sequence compadd - " + all : "(" + all + ")";
}

std::string zsh_positional(const CommandGrammar& command) {
  const std::string words = render::join(without_blanks(command.words), " ");
  if (command.words.empty()) return command.file ? "_files" : " ";
  if (!command.file) return "(" + words + ")";
  return "{ compadd - " + words + "; _files }";
}

std::string zsh_option(const OptionGrammar& option) {
  std::string out;
  for (const std::string& name : option.names) {
    const bool equals = !option.value.empty() && name.starts_with("--");
    std::string spec = name + (equals ? "=" : "") + "[" + zsh_text(option.text) + "]";
    if (!option.value.empty())
      spec +=
          ":" + zsh_text(option.value) + ":" + zsh_words(option.words, option.list, option.file);
    out += " \\\n\t\t\t" + quoted(spec);
  }
  return out;
}

std::string zsh(const Grammar& grammar) {
  std::string commands, cases;
  for (const CommandGrammar& command : grammar.commands) {
    commands += "\n\t\t\t" + quoted(zsh_text(command.name) + ":" + command.text);
    cases += "\t\t" + command.name + ")\n\t\t\t_arguments -S";
    for (const OptionGrammar& option : command.options) cases += zsh_option(option);
    if (!command.positional.empty())
      cases += " \\\n\t\t\t" +
               quoted("*:" + zsh_text(command.positional) + ":" + zsh_positional(command));
    if (command.takes_program) cases += " \\\n\t\t\t'*:::program:_normal'";
    cases += "\n\t\t\t;;\n";
  }
  std::string options;
  for (const OptionGrammar& option : grammar.options) options += zsh_option(option);
  return R"(#compdef vtlab vtlabw
# zsh completion for vtlab; made by: vtlab completion zsh
_vtlab() {
	local curcontext=$curcontext state line
	typeset -A opt_args
	_arguments -C '1: :->command' '*:: :->arguments')" +
         options + R"(
	case $state in
	command)
		local -a commands=()" +
         commands + R"(
		)
		_describe command commands
		;;
	arguments)
		case $words[1] in
)" + cases +
         R"(		esac
		;;
	esac
}
if [[ $funcstack[1] = _vtlab ]]; then
	_vtlab "$@"
else
	compdef _vtlab vtlab vtlabw
fi
)";
}

std::string fish_option(const std::string& when, const OptionGrammar& option) {
  std::string out = "complete -c vtlab -n " + quoted(when);
  for (const std::string& name : option.names)
    out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (!option.value.empty()) out += option.file ? " -r -F" : " -x";
  if (!option.words.empty()) {
    const std::string words = render::join(option.words, " ");
    out += " -a " + quoted(option.list ? "(__fish_append , " + words + ")" : words);
  }
  return out + " -d " + quoted(option.text) + "\n";
}

std::string fish(const Grammar& grammar) {
  const std::string no_command = "__fish_use_subcommand";
  std::string out =
      "# fish completion for vtlab; made by: vtlab completion fish\n"
      "complete -c vtlabw -w vtlab\n"
      "complete -c vtlab -f\n";
  for (const OptionGrammar& option : grammar.options) out += fish_option(no_command, option);
  for (const CommandGrammar& command : grammar.commands) {
    const std::string when = "__fish_seen_subcommand_from " + command.name;
    out += "complete -c vtlab -n " + quoted(no_command) + " -a " + command.name + " -d " +
           quoted(command.text) + "\n";
    for (const OptionGrammar& option : command.options) out += fish_option(when, option);
    if (!command.words.empty())
      out += "complete -c vtlab -n " + quoted(when) + " -a " +
             quoted(render::join(without_blanks(command.words), " ")) + "\n";
    if (command.file) out += "complete -c vtlab -n " + quoted(when) + " -F\n";
    if (command.takes_program)
      out += "complete -c vtlab -n " + quoted(when) +
             " -x -a '(__fish_complete_subcommand --fcs-skip=3)'\n";
  }
  return out;
}

struct Shell {
  const char* name;
  std::string (*script)(const Grammar&);
};
// To add a shell: a line here.
constexpr Shell kShells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

std::vector<std::string> shell_names() {
  std::vector<std::string> names;
  for (const Shell& shell : kShells) names.emplace_back(shell.name);
  return names;
}

Action add(CLI::App& app, const Invocation&) {
  auto word = std::make_shared<std::string>();
  app.add_option("SHELL", *word, render::join(shell_names(), ", "))->required()->type_name("");
  return [word, &app] {
    for (const Shell& shell : kShells) {
      if (*word != shell.name) continue;
      std::cout << shell.script(read_grammar(*app.get_parent()));
      return 0;
    }
    unknown_name("shell", *word, shell_names());
  };
}

}  // namespace

const Command command_completion{"completion", "what a shell offers after Tab: bash, zsh, fish",
                                 add, false, shell_names};

}  // namespace vtlab::commands
