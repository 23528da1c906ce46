// runtime_view_json.h — the runtime's view as JSON and back. Internal to result.
#pragma once

#include "result/json_tools.h"
#include "result/runtime_view.h"

namespace vtlab::result {

Json write(const RuntimeView& view);
RuntimeView read_runtime_view(const Node& in);  ///< throws SchemaError

}  // namespace vtlab::result
