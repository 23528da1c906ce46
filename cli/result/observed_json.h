// observed_json.h — an Observed as a JSON document (docs/vtlab.observe.schema.json), and back.
//
// Rule      As in result_json.h.
// Threads   Free functions without state: callable from any thread.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "result/observed.h"

namespace vtlab::result {

std::string to_json(const Observed& observed);

/// Either document, by what its "schema" says. Throws SchemaError.
std::variant<ResultSet, Observed> read_document(std::string_view text);

}  // namespace vtlab::result
