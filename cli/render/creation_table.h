// creation_table.h — the two views of creations as lines of a terminal. Internal to render.
#pragma once

#include <string>
#include <vector>

#include "render/creation_view.h"

namespace vtlab::render {

enum class Tone { plain, heading, strong, dim, warning };

struct Line {
  std::string text;  ///< at most as wide as was asked for
  Tone tone = Tone::plain;
};

/// Pure. The width is at least 60.
std::vector<Line> path_lines(const std::vector<CreationView>& views, std::size_t width);
std::vector<Line> sharing_lines(const std::vector<CreationView>& views, std::size_t width);

}  // namespace vtlab::render
