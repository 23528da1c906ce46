// list.cpp — vtlab list: the catalogue.
#include <iostream>

#include "commands/command.h"
#include "render/format.h"
#include "render/renderer.h"
#include "scenarios/catalogue.h"

namespace vtlab::commands {
namespace {

void entry(std::string_view name, std::string_view title, std::string_view lesson) {
  constexpr std::size_t kWidth = 80, kIndent = 20;
  std::string lead = render::pad_right("  " + std::string(name), kIndent);
  for (const std::string_view text : {title, lesson}) {
    if (text.empty()) continue;
    for (const std::string& line : render::wrap(text, kWidth - kIndent)) {
      std::cout << lead << line << "\n";
      lead.assign(kIndent, ' ');
    }
  }
}

int list(const Invocation& invocation) {
  std::cout << "Scenarios: what N units do\n";
  for (const Scenario* scenario : scenarios())
    entry(scenario->name, "units " + std::string(scenario->title), scenario->lesson);
  std::cout << "\nModes: what a unit is\n";
  for (const Mode* mode : modes()) entry(mode->name, mode->title, mode->lesson);
  std::cout << "\nFormats\n";
  for (const render::Renderer* renderer : render::renderers())
    entry(renderer->name, renderer->title, "");
  std::cout << "\nTry:  sudo " << invocation.program << " run " << scenarios().front()->name
            << " --mode=all\n";
  return 0;
}

Action add(CLI::App&, const Invocation& invocation) {
  return [invocation] { return list(invocation); };
}

}  // namespace

const Command command_list{"list", "scenarios, modes and formats", add};

}  // namespace vtlab::commands
