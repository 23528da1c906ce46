// collection_json.h — a Collection as a JSON document (docs/vtlab.collection.schema.json), and back.
//
// Rule      As in result_json.h.
// Threads   Free functions without state: callable from any thread.
#pragma once

#include <string>

#include "result/collection.h"

namespace vtlab::result {

class Node;  // json_tools.h

std::string to_json(const Collection& collection);

/// Throws SchemaError.
Collection read_collection(const Node& in);

}  // namespace vtlab::result
