#include "commands/show.h"

#include "commands/arguments.h"
#include "lab/error.h"
#include "render/words.h"

namespace vtlab::commands {
namespace {

struct View {
  const char* name;
  bool render::Parts::*part;
  bool lab::Recording::*recording;  ///< null: nothing besides the counts
};

// To add a view: a line here; see also render/detail.h.
constexpr View kViews[] = {
    {"ledger", &render::Parts::ledger, nullptr},
    {"path", &render::Parts::path, &lab::Recording::creations},
    {"sharing", &render::Parts::sharing, &lab::Recording::creations},
    {"sched", &render::Parts::sched, &lab::Recording::scheduling},
    {"timeline", &render::Parts::timeline, &lab::Recording::timeline},
    {"syscalls", &render::Parts::syscalls, &lab::Recording::syscalls},
    {"creators", &render::Parts::creators, &lab::Recording::creators},
    {"runtime", &render::Parts::runtime, &lab::Recording::runtime},
    {"totals", &render::Parts::totals, &lab::Recording::totals},
};

}  // namespace

void add_zoom_options(CLI::App& app, ZoomOptions& options) {
  app.add_option("--zoom", options.zoom, "the part of a timeline that is shown: 10ms,500us")
      ->type_name("FROM,LENGTH");
  app.add_option("--unit", options.unit, "follow this unit through the timeline")->type_name("N");
}

render::Zoom parse_zoom(const ZoomOptions& options) {
  render::Zoom zoom;
  if (!options.unit.empty()) zoom.unit = parse_count("--unit", options.unit, 0, UINT32_MAX);
  if (options.zoom.empty()) return zoom;
  const std::vector<std::string> words = split(options.zoom, ',');
  if (words.size() > 2)
    throw lab::Error(lab::ExitCode::usage, "--zoom cannot be '" + options.zoom + "'",
                     {"it is where to begin and how much to show"}, {"--zoom 10ms,500us"});
  zoom.from_ns = parse_duration_ns("--zoom", words[0]);
  if (words.size() == 2) zoom.length_ns = parse_duration_ns("--zoom", words[1], 1);
  return zoom;
}

std::vector<std::string> view_names() {
  std::vector<std::string> names;
  for (const View& view : kViews) names.emplace_back(view.name);
  names.emplace_back("all");
  return names;
}

Show parse_show(const std::string& words) {
  Show show;
  for (const View& view : kViews) show.parts.*view.part = false;
  for (const std::string& word : split(words, ',')) {
    bool known = false;
    for (const View& view : kViews) {
      if (word != view.name && word != "all") continue;
      known = show.parts.*view.part = true;
      if (view.recording) show.recording.*view.recording = true;
    }
    if (!known) unknown_name("view", word, view_names());
  }
  return show;
}

std::string views_of(const lab::Recording& recording) {
  std::string names;
  lab::Recording named;
  for (const View& view : kViews) {
    if (!view.recording || !(recording.*view.recording) || named.*view.recording) continue;
    named.*view.recording = true;
    names += (names.empty() ? "" : ",") + std::string(view.name);
  }
  return names;
}

std::string show_help() {
  return render::join(view_names(), ",");
}

void check_observer(const Show& show, const std::string& words, lab::ObserverChoice observer) {
  if (show.recording.any() && observer == lab::ObserverChoice::ptrace)
    throw lab::Error(lab::ExitCode::usage,
                     "--show " + words + " needs eBPF, and --observer is ptrace",
                     {"ptrace counts tasks: no single ones, what they share, who makes them, "
                      "their switches or system calls"});
}

void explain_missing(const lab::Recording& recording, std::string_view observer,
                     result::Details& details) {
  if (recording.creations && !details.creations.value)
    details.creations.missing_because =
        "only eBPF sees the stages of a creation and what is shared";
  if (recording.scheduling && !details.scheduling.value &&
      details.scheduling.missing_because.empty())
    details.scheduling.missing_because = "only eBPF sees switches and wake-ups";
  if (recording.timeline && !details.timeline.value && details.timeline.missing_because.empty())
    details.timeline.missing_because = "only eBPF sees switches and wake-ups";
  if (recording.syscalls && !details.syscalls.value)
    details.syscalls.missing_because = "only eBPF sees system calls";
  if (recording.totals && !details.totals.value)
    details.totals.missing_because = "only eBPF keeps sums over all tasks";
  if (recording.creators && !details.creators.value)
    details.creators.missing_because = "only eBPF sees where in its program a creator stands";
  if (recording.runtime && !details.runtime.asked_for())
    details.runtime.missing_because =
        observer == "ebpf"
            ? "what was started or attached to is no Go program and no java; what it starts is not "
              "looked into"
            : "only eBPF counts passes of a program's functions";
}

}  // namespace vtlab::commands
