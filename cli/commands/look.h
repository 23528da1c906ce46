// look.h — how text looks where it goes: colours, width, signs. --palette, --wide, --ascii.
//
// Rule      Colours only on a terminal; NO_COLOR (no-color.org) turns them off unless --palette asks for some.
#pragma once

#include <string>
#include <vector>

#include "commands/command.h"
#include "render/renderer.h"

namespace vtlab::commands {

struct Look {
  std::string palette;  ///< empty: $VTLAB_PALETTE, else the terminal's own
  bool wide = false;    ///< as wide as the terminal, however wide
  bool ascii = false;   ///< for terminals that cannot show UTF-8
};

std::vector<std::string> palette_names();  ///< and "none"
void add_look_options(CLI::App& app, Look& look);
void add_palette_option(CLI::App& app, Look& look);  ///< only that

/// The look of what is written to this descriptor. Errors: lab::Error (usage) for a palette that does not exist.
render::Options look_on(int fd, const Look& look);

/// Does this descriptor lead to a terminal that understands cursor movements (TERM set, not dumb)?
bool is_screen(int fd);
/// Does the locale of the environment (LC_ALL, LC_CTYPE, LANG) say that text is not UTF-8? Without any, it does not.
bool locale_is_ascii();

}  // namespace vtlab::commands
