// comparison.h — what `vtlab compare` found, in each format.
//
// Rule      As in renderer.h: pure functions; nothing is wider than Options::width.
#pragma once

#include <string>

#include "render/renderer.h"

namespace vtlab::render {

std::string comparison_table(const result::Comparison& comparison, const Options& options);
/// docs/vtlab.compare.schema.json
std::string comparison_json(const result::Comparison& comparison, const Options&);
std::string comparison_markdown(const result::Comparison& comparison, const Options&);
/// One of its quantities: a table and sentences.
std::string quantity_markdown(const result::Comparison& comparison,
                              const result::Quantity& quantity);
std::string comparison_csv(const result::Comparison& comparison, const Options&);

}  // namespace vtlab::render
