// page.h — the Markdown of a lesson on a terminal: paragraphs wrapped, lists hung, blocks as they are, bold words bold.
//
// Threads   Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "render/renderer.h"

namespace vtlab::lessons {

struct PageStyle {
  render::Options options;  ///< width, colours, ASCII
  std::size_t indent = 0;
  bool roomy = false;  ///< an empty line after each line, for those who sit far away
};

std::string page(std::string_view markdown, const PageStyle& style);

/// Each paragraph and each item of a list on a line of its own; blocks as they are.
std::string unwrapped(std::string_view markdown);

/// "── Predict 1 of 3 ── How many tasks? ─────…": as wide as the page.
std::string rule(const std::string& kind, const std::string& title, const PageStyle& style);

}  // namespace vtlab::lessons
