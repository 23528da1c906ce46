// palette.h — which tone of a text has which look on a terminal.
//
// Rule      A colour repeats what a word or a sign already says, in every palette; so `mono` and no
//           palette at all lose nothing.
// Threads   Constant tables and free functions: callable from any thread.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace vtlab::render {

struct Options;

/// Why a text stands out, whatever it then looks like.
enum class Tone { plain, heading, strong, dim, warning, good, bad };

struct Palette {
  std::string_view name;                   ///< what follows --palette
  std::string_view title;                  ///< one line for --help
  std::array<std::string_view, 7> styles;  ///< by Tone: parameters of ANSI's SGR, "1;33"
};

/// All palettes; the first is the one that is taken without asking. Adding one is one line in palette.cpp.
std::span<const Palette> palettes();
/// Null if there is no such palette.
const Palette* find_palette(std::string_view name);

/// The text as the options want it: in ASCII, and in the palette's look of the tone.
std::string paint(std::string_view text, Tone tone, const Options& options);
std::string paint(std::string_view text, Tone tone, const Palette* palette);

}  // namespace vtlab::render
