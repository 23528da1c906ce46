#include "commands/look.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "commands/arguments.h"
#include "render/words.h"

namespace vtlab::commands {
namespace {

constexpr std::string_view kNone = "none";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

const render::Palette* palette_on(int fd, const std::string& asked) {
  const std::string word = asked.empty() ? variable("VTLAB_PALETTE") : asked;
  const render::Palette* named = render::find_palette(word);
  if (!named && !word.empty() && word != kNone)
    unknown_name(asked.empty() ? "palette (VTLAB_PALETTE)" : "palette", word, palette_names());
  if (!is_screen(fd) || word == kNone) return nullptr;
  if (asked.empty() && !variable("NO_COLOR").empty()) return nullptr;
  return named ? named : &render::palettes().front();
}

// A projector shows 80 columns; a wider terminal gets no wider lines than are pleasant to read.
unsigned columns_on(int fd, bool wide) {
  constexpr unsigned kPlain = 80, kPleasant = 100, kWide = 160;
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return wide ? kWide : kPlain;
  return std::max<unsigned>(60, wide ? size.ws_col : std::min<unsigned>(size.ws_col, kPleasant));
}

}  // namespace

std::vector<std::string> palette_names() {
  std::vector<std::string> names;
  for (const render::Palette& palette : render::palettes()) names.emplace_back(palette.name);
  names.emplace_back(kNone);
  return names;
}

void add_palette_option(CLI::App& app, Look& look) {
  app.add_option("--palette", look.palette, render::join(palette_names(), ", "))->type_name("NAME");
}

void add_look_options(CLI::App& app, Look& look) {
  add_palette_option(app, look);
  app.add_flag("--wide", look.wide, "lines as wide as the terminal; else 100 at most");
  app.add_flag("--ascii", look.ascii, "a table without UTF-8");
}

render::Options look_on(int fd, const Look& look) {
  return {palette_on(fd, look.palette), columns_on(fd, look.wide), look.ascii, {}};
}

bool is_screen(int fd) {
  const std::string terminal = variable("TERM");
  return isatty(fd) && !terminal.empty() && terminal != "dumb";
}

bool locale_is_ascii() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string locale = variable(name);
    if (!locale.empty())
      return !strcasestr(locale.c_str(), "utf-8") && !strcasestr(locale.c_str(), "utf8");
  }
  return false;
}

}  // namespace vtlab::commands
