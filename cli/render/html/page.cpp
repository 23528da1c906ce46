#include "render/html/page.h"

#include "render/html/embedded.h"
#include "render/html/ledger_picture.h"
#include "render/html/text.h"

namespace vtlab::render::html {
namespace {

std::string policy() {
  return "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src '" +
         std::string(style_sheet().hash) + "'; script-src '" + std::string(chart_library().hash) +
         "' '" + std::string(script().hash) + "' '" + std::string(lanes_script().hash) + "'";
}

// Double quotes are enough around it, and its own single quotes must stay.
std::string meta_policy() {
  return "<meta http-equiv=\"Content-Security-Policy\" content=\"" + policy() + "\">\n";
}

std::string id_of(std::size_t section) {
  return "part-" + std::to_string(section + 1);
}

std::string contents(const std::vector<Section>& sections) {
  if (sections.size() < 2) return {};
  std::string links;
  for (std::size_t i = 0; i < sections.size(); ++i)
    links += element("li", words("a", sections[i].title, "href=\"#" + id_of(i) + "\""));
  return element("nav", element("ol", links), "aria-label=\"Contents\"") + "\n";
}

std::string head(const Page& page) {
  std::string out = words("p", page.kicker, "class=\"kicker\"") + words("h1", page.title);
  for (const std::string& line : page.setting)
    if (!line.empty()) out += words("p", line, "class=\"setting\"");
  if (!page.command.empty())
    out += element("p", words("span", "to repeat it: ") + words("code", page.command),
                   "class=\"command\"");
  out += "\n";
  for (const std::string& alert : page.alerts)
    out += element("p", words("strong", "⚠ " + alert), "class=\"alert\" role=\"alert\"") + "\n";
  return element("header", out) + "\n";
}

}  // namespace

std::string write_page(const Page& page) {
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" +
                    meta_policy() +
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<meta name=\"color-scheme\" content=\"light dark\">\n";
  out += words("title", page.title + " – vtlab") + "\n";
  out += element("style", style_sheet().text) + "\n</head>\n<body>\n";
  out += "<a class=\"skip\" href=\"#" + id_of(0) + "\">skip to the results</a>\n";
  out += picture_patterns() + head(page) + contents(page.sections) + "<main>\n";
  for (std::size_t i = 0; i < page.sections.size(); ++i)
    out += element("section", words("h2", page.sections[i].title) + "\n" + page.sections[i].body,
                   "id=\"" + id_of(i) + "\"") +
           "\n";
  out +=
      "</main>\n<!-- The charts are drawn by Chart.js:\n" + std::string(licence().text) + "-->\n";
  out += element("script", chart_library().text) + "\n";
  out += element("script", script().text) + "\n";
  out += element("script", lanes_script().text) + "\n";
  return out + "</body>\n</html>\n";
}

}  // namespace vtlab::render::html
