// documents.h — saved documents that somebody named: files, and the recordings that are built in.
#pragma once

#include <string>
#include <vector>

#include "result/observed_json.h"

namespace vtlab::commands {

/// Of the recordings that are built in.
std::vector<std::string> recording_names();

/// `word` is the path of a file or, if there is no such file, the name of a recording (recordings/recordings.h).
/// Errors: lab::Error (usage) if the file cannot be read, or holds none of vtlab's documents.
result::Document load_document(const std::string& word);

/// The same in two steps: the text, and what it says.
std::string document_text(const std::string& word);
result::Document parse_document(const std::string& word, const std::string& text);

}  // namespace vtlab::commands
