// documents.h — saved documents, read from a file that somebody named.
#pragma once

#include <string>

#include "result/observed_json.h"

namespace vtlab::commands {

/// Errors: lab::Error (usage) if the file cannot be read, or holds none of vtlab's documents.
result::Document load_document(const std::string& file);

}  // namespace vtlab::commands
