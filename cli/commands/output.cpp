#include "commands/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <string_view>

#include "commands/arguments.h"
#include "lab/error.h"
#include "lab/fd.h"

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

[[noreturn]] void cannot_write(const std::string& file, int error, const std::string& but = {}) {
  std::vector<std::string> why{std::strerror(error)};
  if (!but.empty()) why.push_back(but);
  throw lab::Error(lab::ExitCode::machine_cannot, "cannot write " + file, std::move(why));
}

}  // namespace

void add_output_options(CLI::App& app, OutputOptions& options) {
  app.add_option("--format", options.format, joined(names(render::renderers()), ", "))
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
  if (file_.empty() && renderer_->stream && isatty(fd_))
    throw lab::Error(
        lab::ExitCode::usage, "format '" + std::string(renderer_->name) + "' is not for a terminal",
        {"it is binary"}, {"-o run" + std::string(renderer_->ending) + "    writes a file"});
  if (file_.empty()) return;
  struct stat info {};
  if (stat(file_.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) cannot_write(file_, EISDIR);
  // Not a regular file (/dev/full, a pipe): there is nothing to protect by a temporary file.
  const bool replaceable = stat(file_.c_str(), &info) != 0 || S_ISREG(info.st_mode);
  temporary_ = replaceable ? file_ + ".XXXXXX" : "";
  fd_ = replaceable ? mkostemp(temporary_.data(), O_CLOEXEC)
                    : open(file_.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd_ < 0) {
    const int error = errno;
    temporary_.clear();
    cannot_write(file_, error);
  }
  if (replaceable) {
    lab::give_to(owner, fd_);
    const mode_t mask = umask(0);
    umask(mask);
    fchmod(fd_, 0666 & ~mask);
  }
}

Output::~Output() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
  if (fd_ > STDERR_FILENO) close(fd_);
}

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
  const bool whole = lab::write_all(fd_, text) && take_its_name();
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
  if (error == 0 && !take_its_name()) error = errno;
  if (error != 0) cannot_write(file_, error, "nothing was left at that name");
  say_written();
}

bool Output::take_its_name() {
  return temporary_.empty() || (fsync(fd_) == 0 && rename(temporary_.c_str(), file_.c_str()) == 0);
}

void Output::say_written() {
  temporary_.clear();
  std::cerr << "vtlab: wrote " << file_ << " (" << renderer_->name << ")\n";
}

}  // namespace vtlab::commands
