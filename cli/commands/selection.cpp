#include "commands/selection.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "commands/arguments.h"
#include "commands/look.h"
#include "lab/error.h"
#include "lab/machine.h"

namespace vtlab::commands {
namespace {

using lab::Error;
using lab::ExitCode;

std::vector<const Mode*> parse_modes(const std::string& words, lab::ForeignModes& foreign,
                                     const Invocation& invocation) {
  std::vector<std::string> each = split(words, ',');
  if (words == "all") each = names(modes());
  std::vector<const Mode*> chosen;
  for (const std::string& word : each) {
    const std::vector<const Mode*> meant = foreign.modes(word);
    if (meant.empty()) {
      auto known = names(modes());
      known.emplace_back("all");
      unknown_name("mode", word, known, invocation.program + " list");
    }
    for (const Mode* mode : meant)
      if (std::find(chosen.begin(), chosen.end(), mode) == chosen.end()) chosen.push_back(mode);
  }
  return chosen;
}

// Of the modes that were asked for, one at least must have what the option is about.
void must_be_had(const std::string& option, const std::vector<const Mode*>& asked,
                 bool Mode::*what) {
  const auto has = [&](const Mode* mode) { return mode->*what; };
  if (std::any_of(asked.begin(), asked.end(), has)) return;
  std::string those;
  for (const Mode* mode : modes())
    if (has(mode)) those += (those.empty() ? "" : ", ") + std::string(mode->name);
  throw Error(ExitCode::usage, option + " means nothing in the modes asked for",
              {"it is for: " + those});
}

Over parse_over(const std::string& word, const Scenario& scenario, bool default_delay) {
  const auto over = vtlab::parse_over(word);
  if (!over) unknown_name("value of --over", word, {"socket", "pipe", "file"});
  if (!scenario.chooses_over)
    throw Error(ExitCode::usage, std::string(scenario.name) + " has no --over",
                {"what its units wait for is part of it"});
  if (*over == Over::file && !default_delay)
    throw Error(ExitCode::usage, "--over file has no --delay", {"no server answers a file"});
  return *over;
}

void must_have_java(const std::string& option, const std::vector<const Mode*>& asked) {
  if (std::none_of(asked.begin(), asked.end(),
                   [](const Mode* mode) { return mode->foreign == Language::java; }))
    throw Error(ExitCode::usage, option + " means nothing in the modes asked for",
                {"it is for: java-platform, java-virtual"});
}

Pin parse_pin(const std::string& word, const lab::Request& request) {
  const auto pin = vtlab::parse_pin(word);
  if (!pin) unknown_name("value of --pin", word, {"synchronized", "native", "file"});
  if (!request.scenario->chooses_pin)
    throw Error(ExitCode::usage, std::string(request.scenario->name) + " has no --pin",
                {"it is for the scenario pinned"});
  must_have_java("--pin", request.modes);
  return *pin;
}

std::uint32_t count(const std::string& name, const std::string& text, std::uint64_t least,
                    std::uint64_t most) {
  return static_cast<std::uint32_t>(parse_count(name, text, least, most));
}

}  // namespace

CLI::Option* add_text_option(CLI::App& app, const char* name, std::string& value, const char* type,
                             const std::string& text) {
  CLI::Option* added = app.add_option(name, value, text)->type_name(type);
  if (!value.empty()) added->capture_default_str();
  return added;
}

void add_selection_options(CLI::App& app, Selection& s) {
  add_text_option(app, "--mode", s.modes, "MODES", "modes, separated by commas, or 'all'");
  add_text_option(app, "--delay", s.delay, "TIME", "how long units wait: 100ms, 1s");
  add_text_option(app, "--over", s.over, "WHAT", "units read a socket, a pipe or a file");
  add_text_option(app, "--pin", s.pin, "HOW", "Java: in synchronized, native or file");
  app.add_flag("--runtime-count", s.runtime_count, "Java: the JVM counts its units, too; dear");
  add_text_option(app, "--carriers", s.carriers, "C", "carriers or pool threads; default: CPUs");
  add_text_option(app, "--procs", s.procs, "P", "Ps in mode gmp; default: carriers");
  add_text_option(app, "--poller", s.poller, "NAME", "vthreads wait by epoll or io_uring");
  add_text_option(app, "--seed", s.seed, "SEED", "for everything left to chance");
  add_text_option(app, "--timeout", s.timeout, "TIME", "give up on a run after this time");
  add_runtime_options(app, s.java, s.go);
  add_text_option(app, "--observer", s.observer, "NAME", "auto, ebpf or ptrace");
  add_text_option(app, "--rung", s.rung, "RUNG", "fentry, fexit, kprobe, tp_btf, tracepoint");
}

void add_runtime_options(CLI::App& app, std::string& java, std::string& go) {
  add_text_option(app, "--java", java, "PATHS", "JDKs for the modes of Java; default: as found");
  add_text_option(app, "--go", go, "PATHS", "Go for mode go; default: as found");
}

lab::ForeignModes foreign_modes(const std::string& java, const std::string& go) {
  lab::RuntimePlaces places = lab::usual_places();
  if (!java.empty()) places.java = split(java, ',');
  if (!go.empty()) places.go = split(go, ',');
  const auto tell = [](const std::string& what) {
    if (!is_screen(STDERR_FILENO)) return;
    std::fprintf(stderr, "\r\033[K%s", what.c_str());
    std::fflush(stderr);
  };
  return {std::move(places), lab::invoking_user(), tell};
}

std::uint32_t parse_tasks(const std::string& text) {
  constexpr std::uint64_t kMostUnits = 10'000'000;
  return count("--tasks", text, 1, kMostUnits);
}

std::uint32_t parse_repeat(const std::string& option, const std::string& text,
                           std::uint64_t least) {
  return count(option, text, least, 1000);
}

lab::Request parse_selection(const std::string& scenario, const Selection& s,
                             const Invocation& invocation) {
  lab::Request request;
  request.scenario = find_scenario(scenario);
  if (!request.scenario)
    unknown_name("scenario", scenario, names(scenarios()), invocation.program + " list");
  lab::ForeignModes foreign = foreign_modes(s.java, s.go);
  request.modes = parse_modes(s.modes, foreign, invocation);
  request.all_modes = s.modes == "all";
  Params& p = request.params = request.scenario->defaults;
  if (!s.tasks.empty()) p.tasks = parse_tasks(s.tasks);
  p.carriers = s.carriers.empty() ? lab::usable_cpus() : count("--carriers", s.carriers, 1, 1024);
  if (!s.delay.empty()) {
    p.delay_ns = parse_duration_ns("--delay", s.delay);
    if (request.scenario->defaults.delay_ns == 0)
      throw Error(ExitCode::usage, std::string(request.scenario->name) + " has no --delay",
                  {"its units do not wait"});
  }
  if (!s.over.empty()) p.over = parse_over(s.over, *request.scenario, s.delay.empty());
  p.runtime_count = s.runtime_count;
  if (s.runtime_count) must_have_java("--runtime-count", request.modes);
  if (!s.pin.empty()) p.pin = parse_pin(s.pin, request);
  if (!s.procs.empty()) {
    must_be_had("--procs", request.modes, &Mode::has_procs);
    request.procs = count("--procs", s.procs, 1, 1024);
  }
  if (!s.poller.empty()) {
    must_be_had("--poller", request.modes, &Mode::has_poller);
    p.poller = parse_poller(s.poller);
  }
  p.seed = parse_count("--seed", s.seed, 0, UINT64_MAX);
  if (!s.timeout.empty()) request.timeout_ns = parse_duration_ns("--timeout", s.timeout, 1);
  request.observer = parse_observer(s.observer);
  request.rung = parse_rung(s.rung);
  if (request.rung && request.observer == lab::ObserverChoice::ptrace)
    throw Error(ExitCode::usage, "--rung is about eBPF probes, and --observer ptrace uses none");
  lab::add_foreign(request, foreign);
  return request;
}

std::vector<std::string> scenario_names() {
  return names(scenarios());
}

std::string child_program() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "vtlab-child";
}

}  // namespace vtlab::commands
