// block.h — one scenario of a view: from results to rows, footnotes and alerts. Internal to render.
#pragma once

#include <vector>

#include "render/view.h"

namespace vtlab::render {

/// The results of one scenario, at least one, in the order of the columns. Pure.
Block make_block(const result::Host& host, const std::vector<const result::Result*>& results);

}  // namespace vtlab::render
