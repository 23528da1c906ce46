// run.cpp — vtlab run SCENARIO: one experiment in one or more modes, watched by the kernel.
#include <algorithm>
#include <exception>
#include <memory>

#include "commands/command.h"
#include "commands/output.h"
#include "commands/progress.h"
#include "commands/run_screen.h"
#include "commands/selection.h"
#include "commands/show.h"
#include "lab/choose_observer.h"
#include "lab/error.h"
#include "lab/series.h"
#include "lab/summarize.h"

namespace vtlab::commands {
namespace {

using lab::ExitCode;

struct Options {
  std::string scenario, repeat = "1", show;
  ZoomOptions zoom;
  Selection selection;
  OutputOptions output;
  bool live = false;
};

// What was asked for; else the ledger, and what scenario and modes are about if that can be recorded.
std::string views(const Options& options, const lab::Request& request) {
  if (!options.show.empty()) return options.show;
  std::string views = "ledger";
  if (options.selection.observer == "ptrace") return views;
  const Scenario* scenario = find_scenario(options.scenario);
  if (scenario && !scenario->watch.empty()) views += "," + std::string(scenario->watch);
  if (std::any_of(request.modes.begin(), request.modes.end(),
                  [](const Mode* mode) { return mode->foreign.has_value(); }))
    views += ",runtime";
  if (const auto needed = needed_view(options.output); !needed.empty())
    views += "," + std::string(needed);
  return views;
}

lab::Request parse(const Options& options, const Invocation& invocation) {
  lab::Request request = parse_selection(options.scenario, options.selection, invocation);
  request.repeat = parse_repeat("--repeat", options.repeat, 1);
  const Show show = parse_show(views(options, request));
  check_observer(show, options.show, request.observer);
  parse_zoom(options.zoom);
  request.recording = show.recording;
  return request;
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

  std::optional<RunScreen> screen;
  if (options.live)
    screen.emplace(plan.experiments.size(), look_on(STDERR_FILENO, options.output.look));
  Progress progress(plan.experiments.size());
  const lab::Surroundings around{
      child_program(), user, [&](const auto& experiment, std::uint32_t finished, std::uint64_t ns) {
        if (screen) return screen->show(experiment, finished, ns, *observer.observer);
        progress.show(experiment, finished, ns);
      }};
  const lab::Series series =
      lab::run_series(plan.experiments, *observer.observer, signals, around, [&] {
        progress.next();
        if (screen) screen->next();
      });
  screen.reset();
  progress.clear();

  result::ResultSet results = summarize(plan, series.observations, machine);
  results.notes = observer.notes;
  results.host.command = invocation.line;
  lab::Recording asked_for = request.recording;
  if (options.show.empty()) asked_for.runtime = false;  // of modes that have one, and no others
  for (result::Result& r : results.results) explain_missing(asked_for, r.observer, r.details);
  render::Parts parts = parse_show(views(options, request)).parts;
  parts.zoom = parse_zoom(options.zoom);
  output.write(results, parts);
  if (series.could_not_begin) std::rethrow_exception(series.could_not_begin);
  return exit_code(series, results);
}

Action add(CLI::App& app, const Invocation& invocation) {
  auto o = std::make_shared<Options>();
  add_text_option(app, "SCENARIO", o->scenario, "", "what the units do; see 'list'")->required();
  add_text_option(app, "--tasks", o->selection.tasks, "N", "how many units: 1009, 10k, 1M");
  add_text_option(app, "--repeat", o->repeat, "R", "run every mode R times, interleaved");
  add_selection_options(app, o->selection);
  app.add_flag("--live", o->live, "watch it on a terminal while it runs");
  add_text_option(app, "--show", o->show, "VIEWS", "default: ledger; " + show_help());
  add_zoom_options(app, o->zoom);
  add_output_options(app, o->output);
  return [o, invocation] { return run(*o, invocation); };
}

}  // namespace

const Command command_run{"run", "run a scenario and show its ledger", add, false, scenario_names};

}  // namespace vtlab::commands
