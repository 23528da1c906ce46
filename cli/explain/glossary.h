// glossary.h — the words of docs/glossary.md as topics. Internal to explain.
#pragma once

#include <string_view>
#include <vector>

#include "explain/topic.h"

namespace vtlab::explain {

/// An entry is a paragraph "**name, other name** — what it means"; *words* in italics are entries, too.
std::vector<Topic> read_glossary(std::string_view markdown);

}  // namespace vtlab::explain
