#include "render/palette.h"

#include "render/format.h"
#include "render/renderer.h"

namespace vtlab::render {
namespace {

// In the order of Tone: plain, heading, strong, dim, warning, good, bad. The colours of `safe` are, of the 256
// that terminals have, those next to Okabe's and Ito's, which any kind of colour vision can tell apart.
constexpr Palette kPalettes[] = {
    {"terminal", "the terminal's own colours", {"", "36", "1", "2", "1;33", "32", "1;31"}},
    {"safe",
     "for any kind of colour vision",
     {"", "38;5;74", "1", "2", "1;38;5;178", "38;5;36", "1;38;5;166"}},
    {"light",
     "dark and bold, for a light background or a weak projector",
     {"", "1;38;5;25", "1", "", "1;38;5;130", "1;38;5;22", "1;38;5;124"}},
    {"mono", "bold, underlined and dim, no colours", {"", "4", "1", "2", "1;4", "", "1"}},
};

}  // namespace

std::span<const Palette> palettes() {
  return kPalettes;
}

const Palette* find_palette(std::string_view name) {
  for (const Palette& palette : kPalettes)
    if (palette.name == name) return &palette;
  return nullptr;
}

std::string paint(std::string_view text, Tone tone, const Palette* palette) {
  const std::string_view style =
      palette && !text.empty() ? palette->styles[static_cast<std::size_t>(tone)] : "";
  if (style.empty()) return std::string(text);
  return "\x1b[" + std::string(style) + "m" + std::string(text) + "\x1b[0m";
}

std::string paint(std::string_view text, Tone tone, const Options& options) {
  return options.ascii ? paint(to_ascii(text), tone, options.palette)
                       : paint(text, tone, options.palette);
}

}  // namespace vtlab::render
