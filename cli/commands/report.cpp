// report.cpp — vtlab report FILE…: render saved runs. No privileges, nothing is run again.
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <variant>

#include "commands/command.h"
#include "commands/output.h"
#include "commands/show.h"
#include "lab/error.h"
#include "result/observed_json.h"

namespace vtlab::commands {
namespace {

struct Options {
  std::string file, show;
  OutputOptions output;
};

std::variant<result::ResultSet, result::Observed> load(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  if (in && in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
  if (!in.is_open() || in.bad())
    throw lab::Error(lab::ExitCode::usage, "cannot read " + file, {std::strerror(errno)});
  try {
    return result::read_document(text.str());
  } catch (const std::runtime_error& error) {
    throw lab::Error(lab::ExitCode::usage, file + " is not a vtlab result", {error.what()},
                     {"vtlab run … --format json -o run.json"});
  }
}

Action add(CLI::App& app, const Invocation&) {
  auto options = std::make_shared<Options>();
  app.add_option("FILE", options->file, "a run or an observation saved with --format json")
      ->required()
      ->type_name("");
  app.add_option("--show", options->show,
                 show_help() +
                     "; default: all, or the claims if that is "
                     "what was asked for")
      ->type_name("VIEWS");
  add_output_options(app, options->output);
  return [options] {
    render::Parts parts = parse_show(options->show.empty() ? "all" : options->show).parts;
    const auto document = load(options->file);
    if (const auto* runs = std::get_if<result::ResultSet>(&document); runs && options->show.empty())
      parts.results = runs->claims.empty();
    Output output(options->output, lab::invoking_user());
    if (std::holds_alternative<result::Observed>(document)) output.check_takes_observations();
    std::visit([&](const auto& results) { output.write(results, parts); }, document);
    return 0;
  };
}

}  // namespace

const Command command_report{"report", "render a saved run again, in any format", add};

}  // namespace vtlab::commands
