// compare.cpp — vtlab compare SCENARIO: modes side by side, again and again, and what may be said of the difference.
#include <algorithm>
#include <exception>
#include <filesystem>
#include <memory>

#include "commands/arguments.h"
#include "commands/command.h"
#include "commands/documents.h"
#include "commands/output.h"
#include "commands/progress.h"
#include "commands/saved.h"
#include "commands/selection.h"
#include "lab/choose_observer.h"
#include "lab/compare.h"
#include "lab/compare_saved.h"
#include "lab/error.h"
#include "lab/quantities.h"
#include "lab/time_left.h"
#include "render/words.h"
#include "scenarios/unit_log.h"

namespace vtlab::commands {
namespace {

using lab::Error;
using lab::ExitCode;

constexpr const char* kQuantities = "tasks,wall,cpu,memory,own";

struct Options {
  std::vector<std::string> what;
  std::string repeat = "10", warm_up = "1", baseline, metric;
  Selection selection;
  OutputOptions output;
};

// "10,100,1k" in ascending order, each once.
std::vector<std::uint32_t> parse_sizes(const std::string& words) {
  std::vector<std::uint32_t> sizes;
  for (const std::string& word : split(words, ',')) sizes.push_back(parse_tasks(word));
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  return sizes;
}

std::vector<std::string> parse_metrics(const std::string& words, const Scenario* scenario) {
  std::vector<std::string> chosen = split(words, ',');
  std::vector<std::string> known{"all"};
  for (const lab::QuantityGroup& group : lab::quantity_groups()) known.emplace_back(group.name);
  if (scenario)
    for (const lab::MetricKind& kind : lab::quantity_kinds(*scenario)) known.push_back(kind.key);
  for (const std::string& word : chosen)
    if (std::find(known.begin(), known.end(), word) == known.end())
      unknown_name("metric", word, known);
  return chosen;
}

// The one that was asked for, or the first of all.
std::string parse_baseline(const std::string& word, const std::vector<std::string>& contenders) {
  if (word.empty()) return contenders.front();
  if (std::find(contenders.begin(), contenders.end(), word) != contenders.end()) return word;
  throw Error(ExitCode::usage, "the baseline '" + word + "' is not among those that are compared",
              {"there are: " + render::join(contenders, ", ")});
}

lab::SweepRequest parse(const Options& options, const Invocation& invocation) {
  Selection selection = options.selection;
  selection.tasks.clear();
  lab::SweepRequest sweep;
  sweep.request = parse_selection(options.what.front(), selection, invocation);
  sweep.sizes = options.selection.tasks.empty() ? std::vector{sweep.request.params.tasks}
                                                : parse_sizes(options.selection.tasks);
  sweep.request.repeat = parse_repeat("--repeat", options.repeat, 1);
  sweep.warm_up = parse_repeat("--warm-up", options.warm_up, 0);
  if (sweep.request.modes.size() < 2)
    throw Error(ExitCode::usage, "nothing to compare: only one mode", {"two or more are needed"},
                {invocation.program + " compare " + shell_word(options.what.front()) +
                 " --mode=virtual,platform"});
  return sweep;
}

std::vector<std::string> names_of(const std::vector<const Mode*>& modes) {
  std::vector<std::string> names;
  for (const Mode* mode : modes) names.emplace_back(mode->name);
  return names;
}

ExitCode exit_code(const lab::Series& series, const result::Comparison& comparison) {
  if (series.interrupted()) return ExitCode::interrupted;
  const bool compared = std::any_of(
      comparison.quantities.begin(), comparison.quantities.end(), [](const auto& quantity) {
        return std::any_of(quantity.sizes.begin(), quantity.sizes.end(), [](const auto& size) {
          return std::any_of(size.estimates.begin(), size.estimates.end(),
                             [](const auto& estimate) { return estimate.against.has_value(); });
        });
      });
  return compared ? ExitCode::done : ExitCode::machine_cannot;
}

// ---- saved runs ----

bool names_files(const std::vector<std::string>& what) {
  return what.size() > 1 ||
         (!find_scenario(what.front()) &&
          (what.front().ends_with(".json") || std::filesystem::is_regular_file(what.front())));
}

lab::SavedRuns load_runs(const std::string& name, const std::string& file) {
  result::Document document = load_document(file);
  if (std::holds_alternative<result::Comparison>(document))
    throw Error(ExitCode::usage, file + " is a comparison already", {},
                {"vtlab report " + shell_word(file) + "    shows it again"});
  if (std::holds_alternative<result::Collection>(document))
    throw Error(ExitCode::usage, file + " is a collection already", {},
                {"vtlab report " + shell_word(file) + "    shows it again"});
  if (!std::holds_alternative<result::ResultSet>(document))
    throw Error(ExitCode::usage, file + " is not a file of `vtlab run`",
                {"an observation has no modes to compare"});
  return {name, std::get<result::ResultSet>(std::move(document))};
}

int compare_files(const Options& options) {
  std::vector<lab::SavedRuns> files;
  const std::vector<std::string> names = short_names(options.what);
  for (std::size_t i = 0; i < names.size(); ++i)
    files.push_back(load_runs(names[i], options.what[i]));
  std::vector<std::string> contenders;
  for (const result::Contender& contender : lab::contenders_of(files))
    contenders.push_back(contender.name);
  const std::string baseline =
      contenders.empty() ? std::string() : parse_baseline(options.baseline, contenders);
  const auto* scenario = files.front().results.results.empty()
                             ? nullptr
                             : find_scenario(files.front().results.results.front().scenario);
  const result::Comparison comparison =
      lab::compare_saved(files, baseline, parse_metrics(options.metric, scenario));
  Output output(options.output, lab::invoking_user());
  output.check_takes_comparisons();
  output.write(comparison);
  return 0;
}

// Options that say how to run make no sense for what has been run.
void check_runs_nothing(const CLI::App& app) {
  for (const char* option :
       {"--mode", "--tasks", "--repeat", "--warm-up", "--delay", "--carriers", "--procs",
        "--poller", "--java", "--go", "--seed", "--timeout", "--observer", "--rung"})
    if (app.count(option))
      throw Error(ExitCode::usage,
                  std::string(option) + " says how to run, but saved files are run already",
                  {"a scenario is a name that `vtlab list` shows; all else is taken for a file"});
}

// ---- fresh runs ----

int compare_scenario(const Options& options, const Invocation& invocation) {
  const lab::SweepRequest asked = parse(options, invocation);
  const std::vector<std::string> metrics = parse_metrics(options.metric, asked.request.scenario);
  parse_baseline(options.baseline, names_of(asked.request.modes));
  const lab::User user = lab::invoking_user();
  const lab::Machine machine = lab::read_machine(invocation.version);
  const lab::Sweep sweep = lab::plan_sweep(asked, machine);
  const std::string baseline = parse_baseline(options.baseline, names_of(sweep.modes));
  lab::Signals signals;  // first: an interrupt must find somebody who cleans up
  Output output(options.output, user);
  output.check_takes_comparisons();
  lab::raise_file_limit();
  const lab::ChosenObserver observer =
      lab::choose_observer(asked.request, "sudo " + invocation.line);

  Progress progress(sweep.experiments.size());
  lab::TimeLeft left(sweep.experiments);
  std::uint64_t began_ns = monotonic_ns();
  std::size_t done = 0;
  const auto ended = [&] {
    const std::uint64_t now = monotonic_ns();
    left.ended(now - began_ns);
    began_ns = now;
    progress.set(++done, sweep.experiments.size(), left.after_next_ns());
  };
  const lab::Surroundings around{
      child_program(), user, [&](const auto& experiment, std::uint32_t finished, std::uint64_t ns) {
        progress.show(experiment, finished, ns);
      }};
  const lab::Series series = lab::run_series(sweep.experiments, *observer.observer, signals, around,
                                             ended, lab::AfterFailure::leave_out);
  progress.clear();

  result::Comparison comparison =
      lab::compare_series(asked, sweep, series, machine, baseline, metrics);
  comparison.notes.insert(comparison.notes.begin(), observer.notes.begin(), observer.notes.end());
  comparison.host.command = invocation.line;
  output.write(comparison);
  if (series.could_not_begin) std::rethrow_exception(series.could_not_begin);
  return static_cast<int>(exit_code(series, comparison));
}

Action add(CLI::App& app, const Invocation& invocation) {
  auto o = std::make_shared<Options>();
  o->selection.modes = "platform,virtual";
  o->metric = kQuantities;
  app.add_option("SCENARIO", o->what, "what the units do; or files of `run`, *.json")
      ->required()
      ->type_name("");
  add_text_option(app, "--tasks", o->selection.tasks, "N",
                  "how many units; a sweep: 10,100,1k,10k");
  add_text_option(app, "--repeat", o->repeat, "R", "rounds; in each every mode runs once");
  add_text_option(app, "--warm-up", o->warm_up, "W", "rounds before those; they do not count");
  add_text_option(app, "--baseline", o->baseline, "MODE", "what the others are compared with");
  add_text_option(app, "--metric", o->metric, "NAMES", "quantities, as in docs/compare.md, or all");
  add_selection_options(app, o->selection);
  add_output_options(app, o->output);
  return [o, invocation, &app] {
    if (!names_files(o->what)) return compare_scenario(*o, invocation);
    check_runs_nothing(app);
    return compare_files(*o);
  };
}

}  // namespace

const Command command_compare{"compare", "modes side by side, in many rounds: who needs less", add,
                              false, scenario_names};

}  // namespace vtlab::commands
