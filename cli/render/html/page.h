// page.h — the frame of a report: one file that needs nothing else, and that nothing in it can make ask for more.
//
// Rule      The Content-Security-Policy allows our own style sheet and scripts by their hashes and nothing else:
//           should a text of a document ever get into the page as markup, it still runs nothing and loads nothing.
// Threads   Plain values and one pure function.
#pragma once

#include <string>
#include <vector>

namespace vtlab::render::html {

/// One chapter; the body is HTML.
struct Section {
  std::string title;
  std::string body;
};

struct Page {
  std::string title;                 ///< what was run
  std::vector<std::string> setting;  ///< lines: the machine; observer, version and time
  std::string command;               ///< that was typed; empty if it is not known
  std::vector<std::string> alerts;   ///< what forbids to take the numbers at face value
  std::vector<Section> sections;
  std::string kicker = "vtlab report";  ///< above the title
};

std::string write_page(const Page& page);

}  // namespace vtlab::render::html
