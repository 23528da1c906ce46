// manual.cpp — vtlab manual: the man page, made of the command line itself.
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "commands/command.h"
#include "commands/grammar.h"
#include "commands/look.h"
#include "lab/error.h"
#include "lab/signals.h"

namespace vtlab::commands {
namespace {

// For roff: a backslash, a dash that stays one, and no line that looks like a request.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  if (!out.empty() && (out[0] == '.' || out[0] == '\'')) out = "\\&" + out;
  return out;
}

std::string bold(const std::string& text) {
  return "\\fB" + escaped(text) + "\\fR";
}
std::string italic(const std::string& text) {
  return "\\fI" + escaped(text) + "\\fR";
}

std::string entry(const OptionGrammar& option) {
  std::string head;
  for (const std::string& name : option.names) {
    if (!head.empty()) head += ", ";
    head += bold(name);
  }
  if (!option.value.empty()) head += " " + italic(option.value);
  std::string text = option.text;
  if (!option.standard.empty()) text += " (default: " + option.standard + ")";
  return ".TP\n" + head + "\n" + escaped(text) + "\n";
}

std::string example(const std::string& command, const std::string& text) {
  return ".TP\n" + bold(command) + "\n" + escaped(text) + "\n";
}

std::string page(const Grammar& grammar, const std::string& version) {
  std::string out = ".TH VTLAB 1 \"\" \"vtlab " + version + "\" \"User Commands\"\n";
  out +=
      ".SH NAME\nvtlab \\- which action of a program made which task_struct, and what that cost\n";
  out += ".SH SYNOPSIS\n.B vtlab\n.I COMMAND\n.RI [ OPTIONS ]\n";
  out +=
      ".SH DESCRIPTION\n"
      "Runs one small workload in several concurrency modes, or observes any program, while eBPF\n"
      "watches the kernel, and shows which action made which kernel task. Without privileges task\n"
      "counts come from\n.BR ptrace (2).\n"
      "Workloads always run as the user who called, without capabilities.\n";
  out += ".SH COMMANDS\n";
  for (const CommandGrammar& command : grammar.commands) {
    out += ".SS " + bold("vtlab " + command.name) +
           (command.positional.empty() ? "" : " " + italic(command.positional)) +
           (command.takes_program ? " [" + bold("--") + " " + italic("CMD ARGS...") + "]" : "") +
           "\n" + escaped(command.text) + "\n";
    if (!command.positional.empty() && !command.positional_text.empty())
      out += ".TP\n" + italic(command.positional) + "\n" + escaped(command.positional_text) + "\n";
    for (const OptionGrammar& option : command.options)
      if (option.names.back() != "--help") out += entry(option);
  }
  out += ".SH EXAMPLES\n" +
         example("sudo vtlab run blocking-io --mode=virtual,platform,fork",
                 "1,009 units that wait, in three modes, side by side") +
         example("sudo vtlab observe -- java -jar app.jar", "the same counts for any program") +
         example("sudo vtlab prove", "every claim, tried on this machine") +
         example("vtlab report run.json -o run.html", "a saved run as a page for the browser") +
         example("vtlab replay m-to-n", "a run that was recorded, played as if it happened now");
  out += ".SH EXIT STATUS\n";
  const std::pair<const char*, const char*> codes[] = {
      {"0", "done"},
      {"1", "a claim was refuted, or a comparison failed"},
      {"2", "the command line cannot be used"},
      {"3", "this machine cannot, and why"},
      {"130", "interrupted; what was measured is shown and saved, marked as partial"}};
  for (const auto& [code, text] : codes) out += ".TP\n" + bold(code) + "\n" + text + "\n";
  out += ".PP\n" + bold("observe") + " ends with the exit status of the program that it started.\n";
  out += ".SH ENVIRONMENT\n";
  const std::pair<const char*, const char*> variables[] = {
      {"NO_COLOR", "no colours, unless --palette asks for some"},
      {"VTLAB_PALETTE", "the palette of every command, unless --palette names another"},
      {"JAVA_HOME, GOROOT, PATH", "where JDKs and Go are looked for"}};
  for (const auto& [name, text] : variables)
    out += ".TP\n" + bold(name) + "\n" + escaped(text) + "\n";
  return out + ".SH SEE ALSO\n.BR bpftrace (8),\n.BR perf (1),\n.BR strace (1),\n.BR clone (2)\n";
}

// Shown by man(1), which knows the pager. False: there is none.
bool shown_by_man(const std::string& text) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  std::cout.flush();
  const pid_t man = fork();
  if (man < 0) return false;
  if (man == 0) {
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    close(ends[1]);
    lab::signals_for_a_program();
    execlp("man", "man", "-l", "-", nullptr);
    _exit(127);
  }
  close(ends[0]);
  static_cast<void>(!write(ends[1], text.data(), text.size()));
  close(ends[1]);
  int status = 0;
  while (waitpid(man, &status, 0) < 0 && errno == EINTR) {
  }
  return !(WIFEXITED(status) && WEXITSTATUS(status) == 127);
}

Action add(CLI::App& app, const Invocation& invocation) {
  return [&app, invocation] {
    const std::string text = page(read_grammar(*app.get_parent()), invocation.version);
    if (is_screen(STDOUT_FILENO) && shown_by_man(text)) return 0;
    std::cout << text;
    return 0;
  };
}

}  // namespace

const Command command_manual{"manual", "the man page: read it, or pipe it into a file", add};

}  // namespace vtlab::commands
