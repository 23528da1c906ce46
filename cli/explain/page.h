// page.h — topics as text for a terminal of 80 columns. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "explain/topic.h"

namespace vtlab::explain {

/// What is known of a word, as find() gives it: the glossary's sentences stand in the first topic. `program`: how
/// vtlab is called here, for the commands.
std::string page(std::vector<Topic> found, std::string_view program);

/// The list of everything, in groups.
std::string index(const std::vector<Topic>& topics, std::string_view program);

}  // namespace vtlab::explain
