// comparison_json.h — a Comparison as a JSON document (docs/vtlab.compare.schema.json), and back.
//
// Rule      As in result_json.h.
// Threads   Free functions without state: callable from any thread.
#pragma once

#include <string>

#include "result/comparison.h"

namespace vtlab::result {

class Node;  // json_tools.h

std::string to_json(const Comparison& comparison);

/// Throws SchemaError.
Comparison read_comparison(const Node& in);

}  // namespace vtlab::result
