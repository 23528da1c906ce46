// observed_json.h — an Observed as a JSON document (docs/vtlab.observe.schema.json), and back.
//
// Rule      As in result_json.h.
// Threads   Free functions without state: callable from any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include "result/collection.h"
#include "result/comparison.h"
#include "result/observed.h"

namespace vtlab::result {

std::string to_json(const Observed& observed);

/// Any document of vtlab, as `vtlab report` takes them.
using Document = std::variant<ResultSet, Observed, Comparison, Collection>;

/// Gives the next bytes of a document, which stay valid until it is asked again; none at its end.
using Source = std::function<std::string_view()>;

/// By what its "schema" says. Throws SchemaError.
Document read_document(const Source& source);
Document read_document(std::string_view text);

}  // namespace vtlab::result
