// run.cpp — vtlab run SCENARIO: one experiment in one or more modes, watched by the kernel.
#include <algorithm>
#include <exception>
#include <filesystem>
#include <memory>

#include "commands/arguments.h"
#include "commands/command.h"
#include "commands/output.h"
#include "commands/progress.h"
#include "commands/show.h"
#include "lab/choose_observer.h"
#include "lab/error.h"
#include "lab/series.h"
#include "lab/summarize.h"

namespace vtlab::commands {
namespace {

using lab::Error;
using lab::ExitCode;

struct Options {
  std::string scenario, modes = "virtual", tasks, delay, carriers, repeat = "1", seed = "1",
                        timeout;
  std::string procs, poller;
  std::string observer = "auto", rung, show;
  OutputOptions output;
};

template <typename Table>
std::vector<std::string> names(const Table& table) {
  std::vector<std::string> result;
  for (const auto* entry : table) result.emplace_back(entry->name);
  return result;
}

std::vector<const Mode*> parse_modes(const Options& options, const Invocation& invocation) {
  if (options.modes == "all") return {modes().begin(), modes().end()};
  std::vector<const Mode*> chosen;
  for (const std::string& word : split(options.modes, ',')) {
    const Mode* mode = find_mode(word);
    if (!mode) {
      auto known = names(modes());
      known.emplace_back("all");
      unknown_name("mode", word, known, invocation.program + " list");
    }
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

// What was asked for; else the ledger, and what the scenario is about if that can be recorded.
std::string views(const Options& options) {
  if (!options.show.empty()) return options.show;
  const Scenario* scenario = find_scenario(options.scenario);
  if (!scenario || scenario->watch.empty() || options.observer == "ptrace") return "ledger";
  return "ledger," + std::string(scenario->watch);
}

lab::Request parse(const Options& options, const Invocation& invocation) {
  constexpr std::uint64_t kMostUnits = 10'000'000;
  lab::Request request;
  request.scenario = find_scenario(options.scenario);
  if (!request.scenario)
    unknown_name("scenario", options.scenario, names(scenarios()), invocation.program + " list");
  request.modes = parse_modes(options, invocation);
  request.all_modes = options.modes == "all";
  Params& p = request.params = request.scenario->defaults;
  const auto count = [](const char* name, const std::string& text, std::uint64_t most) {
    return static_cast<std::uint32_t>(parse_count(name, text, 1, most));
  };
  if (!options.tasks.empty()) p.tasks = count("--tasks", options.tasks, kMostUnits);
  p.carriers =
      options.carriers.empty() ? lab::usable_cpus() : count("--carriers", options.carriers, 1024);
  if (!options.delay.empty()) {
    p.delay_ns = parse_duration_ns("--delay", options.delay);
    if (request.scenario->defaults.delay_ns == 0)
      throw Error(ExitCode::usage, std::string(request.scenario->name) + " has no --delay",
                  {"its units do not wait"});
  }
  if (!options.procs.empty()) {
    must_be_had("--procs", request.modes, &Mode::has_procs);
    request.procs = count("--procs", options.procs, 1024);
  }
  if (!options.poller.empty()) {
    must_be_had("--poller", request.modes, &Mode::has_poller);
    p.poller = parse_poller(options.poller);
  }
  p.seed = parse_count("--seed", options.seed, 0, UINT64_MAX);
  request.repeat = count("--repeat", options.repeat, 1000);
  if (!options.timeout.empty())
    request.timeout_ns = parse_duration_ns("--timeout", options.timeout, 1);
  request.observer = parse_observer(options.observer);
  request.rung = parse_rung(options.rung);
  const Show show = parse_show(views(options));
  check_observer(show, options.show, request.observer);
  request.recording = show.recording;
  if (request.rung && request.observer == lab::ObserverChoice::ptrace)
    throw Error(ExitCode::usage, "--rung is about eBPF probes, and --observer ptrace uses none");
  return request;
}

std::string child_program() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "vtlab-child";
}

int exit_code(const lab::Series& series, const result::ResultSet& results) {
  if (series.interrupted()) return static_cast<int>(ExitCode::interrupted);
  if (results.partial) return static_cast<int>(ExitCode::machine_cannot);
  for (const result::Result& r : results.results) {
    for (const result::ClaimCheck& claim : r.claims) {
      if (claim.verdict == result::Verdict::refuted)
        return static_cast<int>(ExitCode::claim_failed);
    }
  }
  return static_cast<int>(ExitCode::done);
}

int run(const Options& options, const Invocation& invocation) {
  const lab::Request request = parse(options, invocation);
  const lab::User user = lab::invoking_user();
  const lab::Machine machine = lab::read_machine(invocation.version);
  const lab::Plan plan = lab::plan(request, machine);
  lab::Signals signals;  // first: an interrupt must find somebody who cleans up
  Output output(options.output, user);
  lab::raise_file_limit();
  const lab::ChosenObserver observer = lab::choose_observer(request, "sudo " + invocation.line);

  Progress progress(plan.experiments.size());
  const lab::Surroundings around{
      child_program(), user, [&](const auto& experiment, std::uint32_t finished, std::uint64_t ns) {
        progress.show(experiment, finished, ns);
      }};
  const lab::Series series = lab::run_series(plan.experiments, *observer.observer, signals, around,
                                             [&] { progress.next(); });
  progress.clear();

  result::ResultSet results = summarize(plan, series.observations, machine);
  results.notes = observer.notes;
  for (result::Result& r : results.results) explain_missing(request.recording, r.details);
  output.write(results, parse_show(views(options)).parts);
  if (series.could_not_begin) std::rethrow_exception(series.could_not_begin);
  return exit_code(series, results);
}

Action add(CLI::App& app, const Invocation& invocation) {
  auto o = std::make_shared<Options>();
  const auto option = [&](const char* name, std::string& value, const char* type,
                          const char* text) {
    CLI::Option* added = app.add_option(name, value, text)->type_name(type);
    if (!value.empty()) added->capture_default_str();
    return added;
  };
  option("SCENARIO", o->scenario, "", "what the units do; see 'list'")->required();
  option("--mode", o->modes, "MODES", "modes, separated by commas, or 'all'");
  option("--tasks", o->tasks, "N", "how many units: 1009, 10k, 1M");
  option("--delay", o->delay, "TIME", "how long units wait: 100ms, 1s");
  option("--carriers", o->carriers, "C", "carriers or pool threads; default: CPUs");
  option("--procs", o->procs, "P", "Ps in mode gmp; default: carriers");
  option("--poller", o->poller, "NAME", "vthreads wait by epoll or io_uring");
  option("--repeat", o->repeat, "R", "run every mode R times, interleaved");
  option("--seed", o->seed, "SEED", "for everything left to chance");
  option("--timeout", o->timeout, "TIME", "give up on a run after this time");
  option("--observer", o->observer, "NAME", "auto, ebpf or ptrace");
  option("--rung", o->rung, "RUNG", "fentry, fexit, kprobe, tp_btf, tracepoint");
  option("--show", o->show, "VIEWS", ("default: ledger; " + show_help()).c_str());
  add_output_options(app, o->output);
  return [o, invocation] { return run(*o, invocation); };
}

}  // namespace

const Command command_run{"run", "run a scenario and show its ledger", add};

}  // namespace vtlab::commands
