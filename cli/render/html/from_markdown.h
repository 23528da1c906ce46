// from_markdown.h — the Markdown that vtlab itself writes (tables, lists, alerts, bold words, `code`) as HTML, so that every view
// of details is in a report without a line of its own.
//
// Rule      Knows `<br>`, `<sup>` and the entities that we write; any other markup in a text shows as it is typed.
// Threads   One pure function.
#pragma once

#include <string>
#include <string_view>

namespace vtlab::render::html {

std::string from_markdown(std::string_view markdown);

}  // namespace vtlab::render::html
