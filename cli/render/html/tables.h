// tables.h — blocks, claims and details of a view as HTML. Internal to render.
//
// Threads   Pure functions.
#pragma once

#include <string>
#include <vector>

#include "render/html/page.h"
#include "render/view.h"

namespace vtlab::render::html {

/// All values of a scenario, mode by mode, each with who said so; what was not observed has a footnote with its reason.
/// `id` tells the footnotes of several blocks apart.
std::string values_table(const Block& block, const std::string& id);

std::string claims_table(const std::vector<Claim>& claims);

/// The details that are among the parts: a section for each, with its pictures and its tables.
std::vector<Section> detail_sections(const std::vector<Subject>& subjects, const Parts& parts);

std::string probes_html(const std::vector<Probe>& probes);

}  // namespace vtlab::render::html
