// registry.cpp — the table of formats, written by vtlab_registry() in CMakeLists.txt.
#include "render/renderer.h"

namespace vtlab::render {

#include "renderer_registry.inc"

std::span<const Renderer* const> renderers() {
  return k_renderer_table;
}

const Renderer* find_renderer_for_file(std::string_view file) {
  const Renderer* best = nullptr;
  for (const Renderer* renderer : renderers())
    if (!renderer->ending.empty() && file.ends_with(renderer->ending) &&
        (!best || renderer->ending.size() > best->ending.size()))
      best = renderer;
  return best;
}

const Renderer* find_renderer(std::string_view name) {
  for (const Renderer* renderer : renderers())
    if (renderer->name == name) return renderer;
  return nullptr;
}

}  // namespace vtlab::render
