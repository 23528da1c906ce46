// creators.cpp — --show creators: the functions of the program from which tasks are made.
#include <algorithm>

#include "render/creator_view.h"
#include "render/format.h"
#include "render/markdown_text.h"

namespace vtlab::render {
namespace {

constexpr std::size_t kMostPlaces = 10, kMostFrames = 8;

void print_place(LinePrinter& out, const PlaceView& place) {
  const auto line = [&](const std::string& lead, const FrameView& frame, const std::string& right,
                        Tone tone) {
    std::string left = lead + frame.name;
    // A long name is cut, never what stands beside it.
    const std::string folded = frame.folded.empty() ? "" : " (" + frame.folded + ")";
    const std::size_t room = out.width() - display_width(right) - 1;
    left = shorten(left, room - std::min(room, display_width(folded)));
    out.row(left + folded, right, tone);
  };
  if (place.frames.empty()) {
    out.row("  not known", place.tasks, Tone::strong);
  } else {
    line("  ", place.frames.front(), place.tasks, Tone::strong);
  }
  const std::size_t shown = std::min(place.frames.size(), kMostFrames);
  for (std::size_t i = 1; i < shown; ++i)
    line("    ← ", place.frames[i], place.frames[i].where, Tone::plain);
  const std::size_t more = place.frames.size() - shown;
  if (more) out.add("    ← " + format_count(more) + " more", Tone::dim);
  if (place.start_frames)
    out.add("    ← " + format_count(place.start_frames) + " that began the thread", Tone::dim);
  if (!place.end.empty()) out.paragraph("    ", place.end, Tone::dim);
}

bool has_creators(const result::Details& details) {
  return details.creators.asked_for();
}

std::string not_recorded(const result::Creators& creators) {
  return "the stacks of " + format_count(creators.not_recorded) +
         " creators were lost: vtlab could not take them as fast as they came";
}

std::vector<Line> lines(const std::vector<Subject>& subjects, std::size_t width) {
  LinePrinter out(width);
  out.row("Who creates tasks", "new tasks", Tone::heading);
  for (const Subject& subject : subjects) {
    const auto& creators = subject.details->creators;
    if (!print(out, preface_of(subject, creators.missing_because)) || !creators.value) continue;
    const auto& places = creators.value->places;
    if (creators.value->tasks == 0) out.add("  no task was made");
    const std::size_t shown = std::min(places.size(), kMostPlaces);
    for (std::size_t i = 0; i < shown; ++i) print_place(out, make_place_view(places[i]));
    std::uint64_t threads = 0, processes = 0, sum = creators.value->not_recorded;
    for (std::size_t i = 0; i < places.size(); ++i) {
      sum += places[i].tasks();
      if (i < shown) continue;
      threads += places[i].threads;
      processes += places[i].processes;
    }
    if (shown < places.size())
      out.row("  " + format_count(places.size() - shown) + " other places",
              said(threads, processes));
    if (creators.value->not_recorded)
      out.paragraph("! ", not_recorded(*creators.value), Tone::warning);
    if (sum < creators.value->tasks)
      out.row("  made while the window ended or began", format_count(creators.value->tasks - sum));
    out.row("  together", format_count(creators.value->tasks));
  }
  return out.take();
}

std::string joined(const PlaceView& place) {
  std::string text;
  for (const FrameView& frame : place.frames) {
    text += (text.empty() ? "" : " ← ") + frame.name;
    if (!frame.where.empty()) text += " (" + frame.where + ")";
  }
  if (place.end.empty()) return text;
  return text.empty() ? "not known: " + place.end : text + "; " + place.end;
}

std::string markdown(const std::vector<Subject>& subjects) {
  std::string table =
      table_line({"mode", "new tasks", "made from"}) + table_line({":--", "--:", ":--"});
  std::string out;
  for (const Subject& subject : subjects) {
    const auto& creators = subject.details->creators;
    const Preface preface = preface_of(subject, creators.missing_because);
    out += markdown_of(preface);
    if (!creators.value) continue;
    if (creators.value->not_recorded)
      out += "> **" + preface.who() + escaped(not_recorded(*creators.value)) + "**\n";
    for (const result::Creator& place : creators.value->places) {
      const PlaceView view = make_place_view(place);
      table += table_line({escaped(subject.name), escaped(view.tasks), escaped(joined(view))});
    }
  }
  return (out.empty() ? out : out + "\n") + table;
}

void csv(CsvWriter& out, const Subject& subject) {
  const auto& creators = subject.details->creators;
  if (!creators.value) {
    out.add({"creators", "", "count", "", "", "", creators.missing_because});
    return;
  }
  out.add({"creators", csv_text(creators.value->tasks), "count", "", "", subject.observer, ""});
  out.add({"creators_not_recorded", csv_text(creators.value->not_recorded), "count", "", "",
           subject.observer, ""});
  std::size_t number = 0;
  for (const result::Creator& place : creators.value->places) {
    const std::string key = "creators[" + std::to_string(++number) + "].";
    const std::string from = joined(make_place_view(place));
    out.add({key + "threads", csv_text(place.threads), "count", "", "", from, ""});
    out.add({key + "processes", csv_text(place.processes), "count", "", "", from, ""});
  }
}

}  // namespace

extern const DetailView detail_creators{.part = &Parts::creators,
                                        .heading = "Who creates tasks",
                                        .applies = has_creators,
                                        .lines = lines,
                                        .markdown = markdown,
                                        .csv = csv};

}  // namespace vtlab::render
