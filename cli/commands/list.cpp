// list.cpp — vtlab list: the catalogue, and what was recorded elsewhere.
#include <iostream>
#include <sstream>

#include "commands/command.h"
#include "recordings/recordings.h"
#include "render/format.h"
#include "render/renderer.h"
#include "result/observed_json.h"
#include "scenarios/catalogue.h"

namespace vtlab::commands {
namespace {

void entry(std::ostream& out, std::string_view name, std::string_view title,
           std::string_view lesson) {
  constexpr std::size_t kWidth = 80, kIndent = 20;
  std::string lead = render::pad_right("  " + std::string(name), kIndent);
  for (const std::string_view text : {title, lesson}) {
    if (text.empty()) continue;
    for (const std::string& line : render::wrap(text, kWidth - kIndent)) {
      out << lead << line << "\n";
      lead.assign(kIndent, ' ');
    }
  }
}

// "blocking-io: virtual, platform", and "with a timeline" if each of them has one.
std::string contents(const result::ResultSet& set) {
  std::string out, scenario;
  bool timeline = true;
  for (const result::Result& r : set.results) {
    out += (r.scenario == scenario ? ", " : (out.empty() ? "" : "; ") + r.scenario + ": ") + r.mode;
    scenario = r.scenario;
    timeline = timeline && r.details.timeline.value;
  }
  return out + (timeline ? "; with a timeline" : "");
}

void recordings_list(std::ostream& out) {
  out << "\nRecordings: runs to look at without running anything\n";
  for (const recordings::Recording& one : recordings::all()) {
    const result::Document document = result::read_document(one.text);
    if (const auto* set = std::get_if<result::ResultSet>(&document))
      entry(out, one.name, contents(*set), "");
  }
}

// Written at once: between two writes, whatever reads recordings may forget why the first one failed.
int list(const Invocation& invocation) {
  std::ostringstream out;
  out << "Scenarios: what N units do\n";
  for (const Scenario* scenario : scenarios())
    entry(out, scenario->name, "units " + std::string(scenario->title), scenario->lesson);
  out << "\nModes: what a unit is\n";
  for (const Mode* mode : modes()) entry(out, mode->name, mode->title, mode->lesson);
  out << "\nFormats\n";
  for (const render::Renderer* renderer : render::renderers())
    entry(out, renderer->name, renderer->title, "");
  recordings_list(out);
  out << "\nTry:  sudo " << invocation.program << " run " << scenarios().front()->name
      << " --mode=all\n"
      << "      " << invocation.program << " report m-to-n\n";
  std::cout << out.str();
  return 0;
}

Action add(CLI::App&, const Invocation& invocation) {
  return [invocation] { return list(invocation); };
}

}  // namespace

const Command command_list{"list", "scenarios, modes, formats and recordings", add};

}  // namespace vtlab::commands
