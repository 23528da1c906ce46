// observed_json.h — the document of `vtlab observe`; docs/observe.md, docs/vtlab.observe.schema.json.
#pragma once

#include <string>

#include "result/observed.h"

namespace vtlab::result {

/// Indented, without a final newline; the same rules for texts and numbers as to_json(ResultSet).
std::string to_json(const Observed& observed);

}  // namespace vtlab::result
