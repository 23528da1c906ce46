// show.h — --show: which views people want, and what has to be recorded for them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "commands/command.h"
#include "lab/recording.h"
#include "lab/request.h"
#include "render/renderer.h"

namespace vtlab::commands {

struct Show {
  render::Parts parts;
  lab::Recording recording;
};

/// --zoom and --unit: which part of a timeline.
struct ZoomOptions {
  std::string zoom, unit;
};
void add_zoom_options(CLI::App& app, ZoomOptions& options);
/// Errors: lab::Error (usage).
render::Zoom parse_zoom(const ZoomOptions& options);

/// What --show takes: the views, and "all".
std::vector<std::string> view_names();

/// "ledger,path" or "all". Errors: lab::Error (usage) for a word that is no view.
Show parse_show(const std::string& words);

/// The views of these records: "path,syscalls"; of several views of one record, the first.
std::string views_of(const lab::Recording& recording);

/// "ledger,path,sharing,all", for --help.
std::string show_help();

/// Errors: lab::Error (usage) if the views need records and the observer cannot be eBPF.
void check_observer(const Show& show, const std::string& words, lab::ObserverChoice observer);

/// A reason in the place of each detail that was asked for and is not there: the observer was not eBPF,
/// or there is no runtime to look into.
void explain_missing(const lab::Recording& recording, std::string_view observer,
                     result::Details& details);

}  // namespace vtlab::commands
