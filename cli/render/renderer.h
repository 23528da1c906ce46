// renderer.h — a saved ResultSet or Observed as bytes for people or for tools.
//
// Rule      A renderer is a pure function: no I/O, no clock, no terminal, no environment. Whether
//           to colour and how wide the terminal is, the caller finds out.
// Threads   Free functions and constant tables: callable from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "render/palette.h"
#include "result/collection.h"
#include "result/comparison.h"
#include "result/observed.h"

namespace vtlab::render {

/// Which part of a timeline is shown; all of it unless said otherwise.
struct Zoom {
  std::optional<std::uint64_t> from_ns, length_ns;  ///< from its start on
  std::optional<std::uint64_t> unit;                ///< the number of the one that is followed
};

/// Which parts of a result are shown to people. Parts that a result does not have are never shown.
struct Parts {
  bool setting = true;   ///< what was run, on which machine, and what probes counted
  bool results = true;   ///< run by run; else only the claims over several of them
  bool ledger = true;    ///< counts, metrics, claims and probes
  bool path = true;      ///< how tasks were made, stage by stage
  bool sharing = true;   ///< what new tasks share with their creators
  bool sched = true;     ///< who had the CPUs, who waited for them, and who woke whom
  bool timeline = true;  ///< who was where, and when
  bool syscalls = true;  ///< which system calls, how often, how long, what they waited for
  bool creators = true;  ///< the functions from which tasks are made
  bool runtime = true;   ///< what the runtime of Go or Java did
  bool totals = true;    ///< sums over all tasks of a tree
  Zoom zoom{};           ///< of `timeline`
};

struct Options {
  const Palette* palette = nullptr;  ///< null: no colours
  unsigned width = 80;               ///< columns that may be used; less than 60 is taken as 60
  bool ascii = false;  ///< nothing but ASCII, for terminals and printers without UTF-8
  Parts parts{};
};

/// Takes the next bytes of a document.
using Sink = std::function<void(std::string_view)>;

/// One output format. Formats for tools (json, csv) ignore the options.
struct Renderer {
  std::string_view name;    ///< what follows --format
  std::string_view title;   ///< one line for --help
  std::string_view ending;  ///< of file names, ".json"; -o FILE without --format goes by it
  std::string (*render)(const result::ResultSet&, const Options&);
  /// Null: only for what `run` measured.
  std::string (*render_observed)(const result::Observed&, const Options&) = nullptr;
  /// Null: has no way to say what `compare` found.
  std::string (*render_comparison)(const result::Comparison&, const Options&) = nullptr;
  /// Null: is of one document only.
  std::string (*render_collection)(const result::Collection&, const Options&) = nullptr;
  /// The same as `render` and `render_observed` in pieces, for documents larger than what they are made of.
  void (*stream)(const result::ResultSet&, const Options&, const Sink&) = nullptr;
  void (*stream_observed)(const result::Observed&, const Options&, const Sink&) = nullptr;
  std::string_view needs =
      {};               ///< the view (--show) without whose records the format has nothing to say
  bool binary = false;  ///< not for a terminal
};

/// What a format that streams has as `render` and `render_observed`.
template <class Document, void (*stream)(const Document&, const Options&, const Sink&)>
std::string all_at_once(const Document& document, const Options& options) {
  std::string out;
  stream(document, options, [&](std::string_view piece) { out += piece; });
  return out;
}

/// All formats, in the order in which help lists them.
std::span<const Renderer* const> renderers();

/// The format that a file's name asks for by its ending, by the longest of several; null if none does.
const Renderer* find_renderer_for_file(std::string_view file);

/// Null if there is no such format.
const Renderer* find_renderer(std::string_view name);

}  // namespace vtlab::render
