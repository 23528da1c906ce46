// output.h — where results go: a format and a file or standard output. Nothing is ever left
// half-written.
#pragma once

#include <unistd.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "commands/look.h"
#include "lab/privileges.h"
#include "render/renderer.h"

namespace vtlab::commands {

class NewFile;

struct OutputOptions {
  std::string format;  ///< empty: from the file's ending, else table
  std::string file;    ///< empty or "-": standard output
  Look look;           ///< of a table
};

void add_output_options(CLI::App& app, OutputOptions& options);
/// The view without whose records the format has nothing to say; empty: none. Errors: lab::Error (usage).
std::string_view needed_view(const OutputOptions& options);

/// Opened before anything is measured, so that a file that cannot be written is known before the
/// work is done.
class Output {
 public:
  /// Errors: lab::Error, usage for an unknown format, machine_cannot for a file that cannot be
  /// made.
  /// `fd`: where it goes without a file.
  Output(const OutputOptions& options, const lab::User& owner, int fd = STDOUT_FILENO);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// Renders and writes; a file appears under its name only when it is whole and belongs to the
  /// owner. If a file cannot be written the results go to standard output instead. Errors:
  /// lab::Error.
  void write(const result::ResultSet& results, const render::Parts& parts = {});
  /// Errors: lab::Error (usage) if the format has no way to say what `observe` saw.
  void check_takes_observations() const;
  void write(const result::Observed& observed, const render::Parts& parts = {});
  /// Errors: lab::Error (usage) if the format has no way to say what `compare` found.
  void check_takes_comparisons() const;
  void write(const result::Comparison& comparison, const render::Parts& parts = {});
  /// Errors: lab::Error (usage) if the format is of one document only.
  void check_takes_collections() const;
  void write(const result::Collection& collection, const render::Parts& parts = {});

 private:
  void write_text(const std::string& text);
  void write_pieces(const std::function<void(const render::Sink&)>& stream);
  void say_written();
  render::Options options(const render::Parts& parts) const;

  const render::Renderer* renderer_;
  std::string file_;
  std::unique_ptr<NewFile> new_file_;  ///< null: standard output, or error
  int fd_;                             ///< where it goes, in any case
  render::Options look_;
};

}  // namespace vtlab::commands
