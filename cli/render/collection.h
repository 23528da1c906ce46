// collection.h — many saved documents as one picture, in each format.
//
// Rule      As in renderer.h: pure functions; nothing is wider than Options::width.
#pragma once

#include <string>
#include <vector>

#include "render/renderer.h"

namespace vtlab::render {

std::string collection_table(const result::Collection& collection, const Options& options);
/// docs/vtlab.collection.schema.json
std::string collection_json(const result::Collection& collection, const Options&);
std::string collection_markdown(const result::Collection& collection, const Options&);
/// The same in parts, for a page.
struct Chapter {
  std::string title, markdown;
};
std::vector<Chapter> collection_chapters(const result::Collection& collection);
std::string collection_csv(const result::Collection& collection, const Options&);

}  // namespace vtlab::render
