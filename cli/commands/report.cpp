// report.cpp — vtlab report FILE|NAME…: render a saved run or a recording, or many of them as one picture. No
// privileges, nothing is run again.
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "commands/command.h"
#include "commands/documents.h"
#include "commands/output.h"
#include "commands/saved.h"
#include "commands/show.h"
#include "lab/collect.h"
#include "lab/error.h"

namespace vtlab::commands {
namespace {

constexpr std::size_t kMostColumns = 4;  // more documents are merged

struct Options {
  std::vector<std::string> files;
  std::string show;
  bool merge = false, keep_going = false;
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
    throw lab::Error(lab::ExitCode::usage, options.files.front() + " has no timeline",
                     {"it was not recorded when that was measured"},
                     {"vtlab run … --show timeline -o run.json    records one"});
}

int report_one(const Options& options) {
  render::Parts parts = parse_show(options.show.empty() ? "all" : options.show).parts;
  parts.zoom = parse_zoom(options.zoom);
  auto document = load_document(options.files.front());
  if (const auto* runs = std::get_if<result::ResultSet>(&document); runs && options.show.empty())
    parts.results = runs->claims.empty();
  if (auto* collection = std::get_if<result::Collection>(&document); collection && options.merge)
    collection->merged = true;
  check_has_timeline(document, options);
  Output output(options.output, lab::invoking_user());
  if (std::holds_alternative<result::Observed>(document)) output.check_takes_observations();
  if (std::holds_alternative<result::Comparison>(document)) output.check_takes_comparisons();
  if (std::holds_alternative<result::Collection>(document)) output.check_takes_collections();
  std::visit([&](const auto& results) { output.write(results, parts); }, document);
  return 0;
}

int report_several(const Options& options, const std::vector<std::string>& files) {
  if (!options.show.empty())
    throw lab::Error(lab::ExitCode::usage, "--show chooses parts of one document",
                     {"several are put together by what was measured, not by their details"});
  Output output(options.output, lab::invoking_user());
  output.check_takes_collections();
  Saved saved = load_all(files, options.keep_going);
  result::Collection collection = lab::collect(saved.documents);
  collection.merged = options.merge || saved.documents.size() > kMostColumns;
  collection.left_out = std::move(saved.left_out);
  output.write(collection);
  return 0;
}

Action add(CLI::App& app, const Invocation&) {
  auto options = std::make_shared<Options>();
  app.add_option("FILE", options->files,
                 "a run, comparison or observation, saved as json, or the name of a recording; "
                 "several, or a folder "
                 "of them: side by side, more than 4 merged")
      ->required()
      ->type_name("");
  app.add_option("--show", options->show,
                 show_help() +
                     "; default: all, or the claims if that is "
                     "what was asked for")
      ->type_name("VIEWS");
  app.add_flag("--merge", options->merge, "of several: the spread over all, not a column for each");
  app.add_flag("--keep-going", options->keep_going, "of several: leave out what cannot be read");
  add_zoom_options(app, options->zoom);
  add_output_options(app, options->output);
  return [options] {
    const std::vector<std::string> files = with_folders(options->files);
    return files.size() == 1 && files == options->files ? report_one(*options)
                                                        : report_several(*options, files);
  };
}

}  // namespace

const Command command_report{"report", "render saved runs again, one or many, in any format", add,
                             false, recording_names};

}  // namespace vtlab::commands
