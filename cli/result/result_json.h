// result_json.h — a ResultSet as a JSON document, and back. The only reader and the only writer.
//
// Rule      What is absent in the model is absent in the document: never 0, and null only in the columns of a
//           timeline, where a place cannot be left out.
// Threads   Free functions without state: callable from any thread.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "result/result.h"

namespace vtlab::result {

/// A document that cannot be understood. what() says which key, what was expected and what was
/// found.
class SchemaError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The document of docs/result-schema.md, indented, without a final newline. Keys keep the order of
/// the model. Bytes that are not UTF-8 (a command line may hold any) become U+FFFD. A metric that
/// is not a finite number is written as not observed, because JSON has no word for it.
std::string to_json(const ResultSet& set);

/// Reads such a document; keys that it does not know are ignored, so a file of a later vtlab with
/// the same schema number still reads. Throws SchemaError.
ResultSet from_json(std::string_view text);

}  // namespace vtlab::result
