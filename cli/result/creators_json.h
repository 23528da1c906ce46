// creators_json.h — who made tasks as a part of a JSON document, and back. Internal to result.
#pragma once

#include "result/creators.h"
#include "result/json_tools.h"

namespace vtlab::result {

Json write(const Creators& creators);
Creators read_creators(const Node& in);  ///< throws SchemaError

}  // namespace vtlab::result
