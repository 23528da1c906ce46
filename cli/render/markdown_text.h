// markdown_text.h — text and tables of GitHub's markdown. Internal to render.
//
// Rule      Text from a document is escaped: it can neither end a cell nor become HTML.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "render/view.h"

namespace vtlab::render {

std::string escaped(std::string_view text);
std::string bold(const std::string& text);                      ///< of text that is escaped already
std::string table_line(const std::vector<std::string>& cells);  ///< the same

std::string bullets(const std::vector<std::string>& items);  ///< of any text
std::string probes_table(const std::vector<Probe>& probes);

}  // namespace vtlab::render
