// timeline_json.h — a timeline as a part of a JSON document, and back. Internal to result.
//
// Rows are written as columns, and words as numbers that are places in a list of words beside them: a run may have
// millions of rows.
#pragma once

#include "result/json_tools.h"
#include "result/timeline.h"

namespace vtlab::result {

Json write(const Timeline& timeline);
Timeline read_timeline(const Node& in);  ///< throws SchemaError

}  // namespace vtlab::result
