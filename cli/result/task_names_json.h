// task_names_json.h — tasks by name as a part of a JSON document, and back. Internal to result.
#pragma once

#include "result/json_tools.h"
#include "result/task_names.h"

namespace vtlab::result {

Json write(const TaskNames& names);
TaskNames read_task_names(const Node& in);  ///< throws SchemaError

}  // namespace vtlab::result
