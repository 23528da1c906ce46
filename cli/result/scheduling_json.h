// scheduling_json.h — scheduling as a part of a JSON document, and back. Internal to result.
#pragma once

#include "result/json_tools.h"
#include "result/scheduling.h"

namespace vtlab::result {

Json write(const Scheduling& scheduling);
Scheduling read_scheduling(const Node& in);  ///< throws SchemaError

}  // namespace vtlab::result
