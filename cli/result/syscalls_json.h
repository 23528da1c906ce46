// syscalls_json.h — system calls as a part of a JSON document, and back. Internal to result.
#pragma once

#include "result/json_tools.h"
#include "result/syscalls.h"

namespace vtlab::result {

Json write(const SystemCalls& calls);
SystemCalls read_system_calls(const Node& in);  ///< throws SchemaError

}  // namespace vtlab::result
