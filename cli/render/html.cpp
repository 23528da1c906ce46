// html.cpp — the report: one file with everything in it, opened by a double click (docs/report.md).
#include "render/html/report.h"
#include "render/renderer.h"

namespace vtlab::render {

extern const Renderer renderer_html{
    .name = "html",
    .title = "a report with pictures, for a browser; one file, no network",
    .ending = ".html",
    .render = html::results_page,
    .render_observed = html::observed_page,
    .render_comparison = html::comparison_page,
    .render_collection = html::collection_page};

}  // namespace vtlab::render
