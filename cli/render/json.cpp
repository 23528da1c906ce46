// json.cpp — the document itself (docs/result-schema.md).
#include "render/collection.h"
#include "render/comparison.h"
#include "render/observed.h"
#include "render/renderer.h"
#include "result/result_json.h"

namespace vtlab::render {
namespace {

std::string render_json(const result::ResultSet& set, const Options&) {
  return result::to_json(set) + "\n";
}

}  // namespace

extern const Renderer renderer_json{
    .name = "json",
    .title = "the whole result, to save, to script against and to render again",
    .ending = ".json",
    .render = render_json,
    .render_observed = observed_json,
    .render_comparison = comparison_json,
    .render_collection = collection_json};

}  // namespace vtlab::render
