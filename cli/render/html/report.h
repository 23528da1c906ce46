// report.h — the three documents as pages. Internal to render.
//
// Rule      As in renderer.h: pure functions.
#pragma once

#include <string>

#include "render/renderer.h"

namespace vtlab::render::html {

std::string results_page(const result::ResultSet& set, const Options& options);
std::string observed_page(const result::Observed& observed, const Options& options);
std::string comparison_page(const result::Comparison& comparison, const Options& options);
std::string collection_page(const result::Collection& collection, const Options& options);

}  // namespace vtlab::render::html
