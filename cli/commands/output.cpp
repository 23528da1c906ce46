#include "commands/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <string_view>

#include "commands/arguments.h"
#include "commands/new_file.h"
#include "lab/error.h"
#include "lab/fd.h"
#include "render/words.h"

namespace vtlab::commands {
namespace {

const render::Renderer* renderer_of(const OutputOptions& options) {
  if (!options.format.empty()) {
    const render::Renderer* named = render::find_renderer(options.format);
    if (!named) unknown_name("format", options.format, names(render::renderers()));
    return named;
  }
  const render::Renderer* by_ending = render::find_renderer_for_file(options.file);
  return by_ending ? by_ending : render::find_renderer("table");
}

}  // namespace

void add_output_options(CLI::App& app, OutputOptions& options) {
  app.add_option("--format", options.format, render::join(names(render::renderers()), ", "))
      ->type_name("NAME");
  app.add_option("-o,--output", options.file, "write there; the ending chooses a format")
      ->type_name("FILE");
  add_look_options(app, options.look);
}

std::string_view needed_view(const OutputOptions& options) {
  return renderer_of(options)->needs;
}

Output::Output(const OutputOptions& options, const lab::User& owner, int fd)
    : renderer_(renderer_of(options)),
      file_(options.file == "-" ? "" : options.file),
      fd_(options.file == "-" ? STDOUT_FILENO : fd),
      look_(look_on(file_.empty() ? fd_ : -1, options.look)) {
  if (file_.empty() && renderer_->binary && isatty(fd_))
    throw lab::Error(
        lab::ExitCode::usage, "format '" + std::string(renderer_->name) + "' is not for a terminal",
        {"it is binary"}, {"-o run" + std::string(renderer_->ending) + "    writes a file"});
  if (file_.empty()) return;
  new_file_ = std::make_unique<NewFile>(file_, owner);
  fd_ = new_file_->fd();
}

Output::~Output() = default;

render::Options Output::options(const render::Parts& parts) const {
  render::Options options = look_;
  options.parts = parts;
  return options;
}

void Output::write(const result::ResultSet& results, const render::Parts& parts) {
  if (!renderer_->stream) return write_text(renderer_->render(results, options(parts)));
  write_pieces([&](const render::Sink& to) { renderer_->stream(results, options(parts), to); });
}

void Output::check_takes_observations() const {
  if (!renderer_->render_observed)
    throw lab::Error(lab::ExitCode::usage,
                     "format '" + std::string(renderer_->name) + "' is not one of observations",
                     {"it can only say what `vtlab run` measured"});
}

void Output::write(const result::Observed& observed, const render::Parts& parts) {
  if (!renderer_->stream_observed)
    return write_text(renderer_->render_observed(observed, options(parts)));
  write_pieces(
      [&](const render::Sink& to) { renderer_->stream_observed(observed, options(parts), to); });
}

void Output::check_takes_comparisons() const {
  if (!renderer_->render_comparison)
    throw lab::Error(lab::ExitCode::usage,
                     "format '" + std::string(renderer_->name) + "' is not one of comparisons",
                     {"it can only say what `vtlab run` measured"});
}

void Output::write(const result::Comparison& comparison, const render::Parts& parts) {
  write_text(renderer_->render_comparison(comparison, options(parts)));
}

void Output::check_takes_collections() const {
  if (!renderer_->render_collection)
    throw lab::Error(lab::ExitCode::usage,
                     "format '" + std::string(renderer_->name) + "' is of one document only");
}

void Output::write(const result::Collection& collection, const render::Parts& parts) {
  write_text(renderer_->render_collection(collection, options(parts)));
}

void Output::write_text(const std::string& text) {
  if (file_.empty()) {
    std::cout.flush();
    if (!lab::write_all(fd_, text) && errno != EPIPE)
      cannot_write(fd_ == STDERR_FILENO ? "standard error" : "standard output", errno);
    return;
  }
  const bool whole = lab::write_all(fd_, text) && new_file_->take_its_name();
  if (!whole) {
    const int error = errno;
    std::cout.flush();
    lab::write_all(STDOUT_FILENO, text);
    cannot_write(file_, error,
                 "nothing was left at that name; the results went to standard output");
  }
  say_written();
}

// What cannot be written is not kept anywhere: it is made of a document that may be.
void Output::write_pieces(const std::function<void(const render::Sink&)>& stream) {
  int error = 0;
  stream([&](std::string_view piece) {
    if (error == 0 && !lab::write_all(fd_, piece)) error = errno;
  });
  if (file_.empty()) {
    if (error != 0 && error != EPIPE) cannot_write("standard output", error);
    return;
  }
  if (error == 0 && !new_file_->take_its_name()) error = errno;
  if (error != 0) cannot_write(file_, error, "nothing was left at that name");
  say_written();
}

void Output::say_written() {
  std::cerr << "vtlab: wrote " << file_ << " (" << renderer_->name << ")\n";
}

}  // namespace vtlab::commands
