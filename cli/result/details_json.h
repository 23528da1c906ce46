// details_json.h — the details as keys of the object that they belong to, and back. Internal to result.
#pragma once

#include "result/details.h"
#include "result/json_tools.h"

namespace vtlab::result {

void write_details(Json& out, const Details& details);
Details read_details(const Node& in);  ///< throws SchemaError

}  // namespace vtlab::result
