// creation_json.h — creations as a part of a JSON document, and back. Internal to result.
#pragma once

#include "result/creation.h"
#include "result/json_tools.h"

namespace vtlab::result {

Json write(const Creations& creations);
Creations read_creations(const Node& in);  ///< throws SchemaError

}  // namespace vtlab::result
