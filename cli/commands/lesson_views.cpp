#include "commands/lesson_views.h"

#include "commands/show.h"
#include "lessons/see.h"

namespace vtlab::commands {
namespace {

std::string rendered(const char* format, const result::Document& document,
                     const lessons::View& view, render::Options options) {
  options.parts = parse_show(view.show).parts;
  options.parts.setting = false;
  options.parts.zoom = parse_zoom({view.zoom, view.unit});
  const render::Renderer& renderer = *render::find_renderer(format);
  const result::Document part = lessons::cut_down(document, view);
  std::string text;
  if (const auto* set = std::get_if<result::ResultSet>(&part))
    text = renderer.render(*set, options);
  else if (const auto* observed = std::get_if<result::Observed>(&part))
    text = renderer.render_observed(*observed, options);
  else
    text = renderer.render_comparison(std::get<result::Comparison>(part), options);
  while (text.starts_with('\n')) text.erase(0, 1);
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace

std::string view_as_table(const result::Document& document, const lessons::View& view,
                          const render::Options& options) {
  return rendered("table", document, view, options);
}

std::string view_as_markdown(const result::Document& document, const lessons::View& view) {
  std::string text = rendered("markdown", document, view, {});
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace vtlab::commands
