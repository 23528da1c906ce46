// report.cpp — vtlab report FILE|NAME: render a saved run or a recording. No privileges, nothing is run again.
#include <memory>
#include <variant>

#include "commands/command.h"
#include "commands/documents.h"
#include "commands/output.h"
#include "commands/show.h"
#include "lab/error.h"

namespace vtlab::commands {
namespace {

struct Options {
  std::string file, show;
  ZoomOptions zoom;
  OutputOptions output;
};

// So far there is one view that a format lives on.
void check_has_timeline(const result::Document& document, const Options& options) {
  if (needed_view(options.output) != "timeline") return;
  bool any = false;
  if (const auto* runs = std::get_if<result::ResultSet>(&document))
    for (const result::Result& r : runs->results) any = any || r.details.timeline.value;
  if (const auto* observed = std::get_if<result::Observed>(&document))
    any = observed->details.timeline.value.has_value();
  if (!any)
    throw lab::Error(lab::ExitCode::usage, options.file + " has no timeline",
                     {"it was not recorded when that was measured"},
                     {"vtlab run … --show timeline -o run.json    records one"});
}

Action add(CLI::App& app, const Invocation&) {
  auto options = std::make_shared<Options>();
  app.add_option("FILE", options->file,
                 "a run, comparison or observation, saved as json, or the name of a recording")
      ->required()
      ->type_name("");
  app.add_option("--show", options->show,
                 show_help() +
                     "; default: all, or the claims if that is "
                     "what was asked for")
      ->type_name("VIEWS");
  add_zoom_options(app, options->zoom);
  add_output_options(app, options->output);
  return [options] {
    render::Parts parts = parse_show(options->show.empty() ? "all" : options->show).parts;
    parts.zoom = parse_zoom(options->zoom);
    const auto document = load_document(options->file);
    if (const auto* runs = std::get_if<result::ResultSet>(&document); runs && options->show.empty())
      parts.results = runs->claims.empty();
    check_has_timeline(document, *options);
    Output output(options->output, lab::invoking_user());
    if (std::holds_alternative<result::Observed>(document)) output.check_takes_observations();
    if (std::holds_alternative<result::Comparison>(document)) output.check_takes_comparisons();
    std::visit([&](const auto& results) { output.write(results, parts); }, document);
    return 0;
  };
}

}  // namespace

const Command command_report{"report", "render a saved run again, in any format", add};

}  // namespace vtlab::commands
