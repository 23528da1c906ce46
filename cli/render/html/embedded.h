// embedded.h — the style sheet and the scripts of a report, which were built into the program. Internal to render.
#pragma once

#include <string_view>

namespace vtlab::render::html {

struct Embedded {
  std::string_view text;
  std::string_view hash;  ///< "sha256-…", by which a Content-Security-Policy allows it
};

Embedded style_sheet();    ///< report.css
Embedded chart_library();  ///< Chart.js, as Debian packages it
Embedded script();         ///< report.js
Embedded lanes_script();   ///< timeline.js
Embedded licence();        ///< of the chart library

}  // namespace vtlab::render::html
