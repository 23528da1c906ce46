// doctor.cpp — vtlab doctor: what this machine can show, each answer found out by trying.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>

#include "commands/command.h"
#include "commands/look.h"
#include "commands/selection.h"
#include "lab/choose_observer.h"
#include "lab/machine.h"
#include "probes/session.h"
#include "render/format.h"

namespace vtlab::commands {
namespace {

using render::format_bytes;
using render::format_count;
using render::pad_left;
using render::pad_right;
using render::paint;
using render::Tone;

constexpr std::size_t kWidth = 80;

struct Options {
  std::string java, go;
  Look look;
};

// "label   text", the text wrapped and hanging.
void line(const std::string& label, const std::string& text) {
  constexpr std::size_t kIndent = 16;
  bool first = true;
  for (const std::string& part : render::wrap(text, kWidth - kIndent)) {
    std::cout << pad_right(first ? label : "", kIndent) << part << "\n";
    first = false;
  }
}

std::string readable(const std::string& file, const std::string& yes) {
  return access(file.c_str(), R_OK) == 0 ? yes : "no: " + file + ": " + std::strerror(errno);
}

std::string lockdown() {
  std::ifstream in("/sys/kernel/security/lockdown");
  std::string text;
  std::getline(in, text);
  const auto open = text.find('['), close = text.find(']');
  if (open == std::string::npos || close == std::string::npos)
    return "could not tell: /sys/kernel/security/lockdown cannot be read "
           "(mount -t securityfs securityfs /sys/kernel/security)";
  return text.substr(open + 1, close - open - 1);
}

std::string privileges() {
  const lab::User user = lab::invoking_user();
  const std::string who = (geteuid() == 0      ? "root"
                           : user.name.empty() ? "uid " + std::to_string(user.uid)
                                               : user.name) +
                          (geteuid() == 0 && user.uid != 0 ? " for " + user.name : "");
  const auto why_not = probes::why_not_bpf();
  return who + ", " + (why_not ? "eBPF " + *why_not : "may use eBPF");
}

void print_host(const lab::Machine& machine) {
  const auto& host = machine.host;
  line("kernel", "Linux " + host.kernel + " " + host.machine);
  line("machine", host.distribution + ", " + std::to_string(host.cpus) + " CPUs, " +
                      format_bytes(static_cast<double>(host.memory_bytes)));
  line("kernel BTF", readable("/sys/kernel/btf/vmlinux", "yes"));
  line("lockdown", lockdown());
  const bool tracefs = access("/sys/kernel/tracing/events", R_OK) == 0;
  line("tracefs", tracefs ? "yes"
                          : "no, so classic tracepoints cannot be tried "
                            "(mount -t tracefs nodev /sys/kernel/tracing)");
  line("privileges", privileges());
  if (const auto not_here = lab::why_not_from_here()) line("container", *not_here);
  if (machine.kernel_stack_bytes)
    line("kernel stack",
         format_bytes(static_cast<double>(*machine.kernel_stack_bytes)) + " per task");
}

void print_rungs(const std::vector<probes::Trial>& trials, const render::Palette* palette) {
  std::cout << "\nProbes: each rung was loaded, attached and taken down again; the best of each\n"
               "question is used\n";
  const probes::Trial* before = nullptr;
  for (const probes::Trial& trial : trials) {
    if (!before || before->counter != trial.counter)
      std::cout << "  " << text(trial.counter).question << "\n";
    before = &trial;
    const std::string answer =
        trial.outcome == probes::Outcome::yes  ? paint("yes", Tone::good, palette)
        : trial.outcome == probes::Outcome::no ? paint("no ", Tone::bad, palette)
                                               : paint("could not tell", Tone::warning, palette);
    std::cout << "    " << pad_right(name(trial.rung), 11) << pad_right(trial.hook, 20) << answer;
    if (trial.because.empty()) {
      std::cout << "\n";
      continue;
    }
    const std::size_t used = 4 + 11 + 20 + (trial.outcome == probes::Outcome::no ? 3 : 14) + 2;
    bool first = true;
    for (const std::string& part : render::wrap(trial.because, kWidth - used)) {
      std::cout << (first ? "  " : std::string(used, ' ')) << part << "\n";
      first = false;
    }
  }
}

void print_limits(const lab::Machine& machine) {
  std::cout << "\nLimits\n";
  for (const lab::Limit& limit : machine.limits) {
    const bool bytes = limit.resource == lab::Resource::memory;
    const std::string value =
        bytes ? format_bytes(static_cast<double>(limit.value)) : format_count(limit.value);
    std::cout << "  " << pad_right(limit.name, 20) << pad_left(value, 12);
    if (limit.used != 0) std::cout << pad_left(format_count(limit.used), 8) << " in use";
    std::cout << "\n";
  }
}

// What that version shows of the language, beside its modes.
std::string what_it_shows(const lab::ForeignRuntime& runtime) {
  if (!runtime.why_not.empty()) return "cannot be used: " + runtime.why_not;
  if (runtime.language == Language::go) return "go";
  constexpr unsigned kUnpinned = 24;  // JEP 491
  return std::string("java-platform, java-virtual; `synchronized` ") +
         (runtime.major < kUnpinned ? "pins a carrier, as before JDK 24"
                                    : "pins no carrier, as of JDK 24");
}

void print_runtimes(lab::ForeignModes& foreign, const render::Palette* palette) {
  std::cout << "\nRuntimes: what runs the modes of other languages; the first that can is used\n";
  for (const Language language : {Language::java, Language::go}) {
    const auto& found = foreign.found(language);
    for (const lab::ForeignRuntime& runtime : found) {
      std::cout << "  " << pad_right(runtime.name(), 16) << "by " << runtime.found_by << "\n";
      std::cout << "    " << runtime.program << "\n";
      for (const std::string& part : render::wrap(what_it_shows(runtime), kWidth - 4))
        std::cout << "    "
                  << (runtime.why_not.empty() ? part : paint(part, Tone::warning, palette)) << "\n";
    }
    const bool usable = std::any_of(found.begin(), found.end(),
                                    [](const auto& runtime) { return runtime.why_not.empty(); });
    if (usable) continue;
    for (const std::string& part : render::wrap(lab::why_none(language, {}), kWidth - 2))
      std::cout << "  " << part << "\n";
    for (const std::string& type : lab::how_to_get(language)) std::cout << "    " << type << "\n";
  }
}

int doctor(const Options& options, const Invocation& invocation) {
  lab::ForeignModes foreign = foreign_modes(options.java, options.go);
  const render::Palette* palette = look_on(STDOUT_FILENO, options.look).palette;
  print_host(lab::read_machine(invocation.version));
  const auto trials = probes::try_every_rung();
  print_rungs(trials, palette);
  print_limits(lab::read_machine(invocation.version));
  print_runtimes(foreign, palette);

  const bool best = std::any_of(trials.begin(), trials.end(), [](const probes::Trial& trial) {
    return trial.counter == probes::Counter::wake_new && trial.outcome == probes::Outcome::yes;
  });
  std::cout << "\n";
  if (best && !lab::why_not_from_here())
    line("verdict", "the full view: task_structs, causes, switches and events by eBPF");
  else if (geteuid() != 0)
    std::cout << pad_right("verdict", 16) << "task counts and causes by ptrace; for the rest:\n"
              << pad_right("", 16) << "sudo " << invocation.line << "\n";
  else
    line("verdict", "task counts and causes by ptrace; no probe answers here");
  return 0;
}

Action add(CLI::App& app, const Invocation& invocation) {
  auto o = std::make_shared<Options>();
  add_runtime_options(app, o->java, o->go);
  add_palette_option(app, o->look);
  return [o, invocation] { return doctor(*o, invocation); };
}

}  // namespace

const Command command_doctor{"doctor", "what this machine can show, and why not more", add};

}  // namespace vtlab::commands
