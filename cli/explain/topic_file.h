// topic_file.h — reads one file of texts/ (its form: topic.h). Internal to explain.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "explain/topic.h"

namespace vtlab::explain {

/// `file`: "KIND/NAME.txt". Errors: std::runtime_error that names file and line, for a key that does not exist;
/// tests read all of them.
Topic read_topic(std::string_view file, std::string_view text);

/// "a, b" as "a" and "b".
std::vector<std::string> listed(std::string_view text);

}  // namespace vtlab::explain
