#include "render/html/tables.h"

#include "render/detail.h"
#include "render/format.h"
#include "render/html/from_markdown.h"
#include "render/html/text.h"
#include "render/markdown_text.h"

namespace vtlab::render::html {
namespace {

std::string footnote_id(const std::string& id, std::size_t footnote) {
  return id + "-note-" + std::to_string(footnote);
}

std::string cell_html(const Cell& cell, const std::string& id) {
  if (cell.footnote) {
    const std::string number = std::to_string(cell.footnote);
    return element(
        "td",
        "<span class=\"absent\" title=\"not observed\">–</span>" +
            element("sup", words("a", number,
                                 "href=\"#" + footnote_id(id, cell.footnote) +
                                     "\" aria-label=\"not observed: note " + number + "\"")),
        "class=\"n\"");
  }
  std::string out = safe(cell.text);
  if (!cell.range.empty()) out += " " + words("span", cell.range, "class=\"range\"");
  return element("td", out, "class=\"n\"");
}

std::string row_html(const Row& row, const std::string& id) {
  const std::size_t indent = row.label.find_first_not_of(' ');
  std::string out = words("th", row.label.substr(std::min(indent, row.label.size())),
                          indent ? "scope=\"row\" class=\"nested\"" : "scope=\"row\"");
  for (const Cell& cell : row.cells) out += cell_html(cell, id);
  out += words("td", row.source, "class=\"source\"");
  return element("tr", out, row.total ? "class=\"total\"" : "") + "\n";
}

std::string verdict_html(result::Verdict verdict) {
  const char* kind = verdict == result::Verdict::holds     ? "holds"
                     : verdict == result::Verdict::refuted ? "refuted"
                                                           : "open";
  return element("td",
                 words("span", verdict_sign(verdict), "class=\"sign\" aria-hidden=\"true\"") + " " +
                     safe(verdict_word(verdict)),
                 "class=\"verdict " + std::string(kind) + "\"");
}

}  // namespace

std::string values_table(const Block& block, const std::string& id) {
  std::string head = "<td></td>";
  for (const Column& column : block.columns)
    head += element("th", safe(column.mode) + (column.partial ? " <em>(partial)</em>" : ""),
                    "scope=\"col\" class=\"n\" " + attribute("title", column.title));
  head += words("th", "who said so", "scope=\"col\" class=\"source\"");
  std::string out = element("thead", element("tr", head)) + "\n";
  for (const Group& group : block.groups) {
    std::string rows;
    if (!group.title.empty())
      rows += element("tr", words("th", group.title,
                                  "colspan=\"" + std::to_string(block.columns.size() + 2) +
                                      "\" scope=\"rowgroup\" class=\"group\"")) +
              "\n";
    for (const Row& row : group.rows) rows += row_html(row, id);
    out += element("tbody", rows) + "\n";
  }
  out = element("div", element("table", out, "class=\"values\""), "class=\"wide\"") + "\n";
  if (!block.repetitions.empty())
    out += words(
        "p",
        "Medians of " + block.repetitions + " repetitions, with lowest–highest if they differ.",
        "class=\"note\"");
  std::string notes;
  for (std::size_t i = 0; i < block.footnotes.size(); ++i)
    notes += words("li",
                   "not observed (" + block.footnotes[i].modes + "): " + block.footnotes[i].because,
                   "id=\"" + footnote_id(id, i + 1) + "\"");
  return out + (notes.empty() ? "" : element("ol", notes, "class=\"footnotes\"") + "\n");
}

std::string claims_table(const std::vector<Claim>& claims) {
  std::string rows;
  for (const Claim& claim : claims) {
    std::string what = words("code", claim.id);
    if (!claim.mode.empty()) what += " " + words("span", claim.mode, "class=\"mode\"");
    if (!claim.statement.empty()) what += words("div", claim.statement);
    if (!claim.where.empty()) what += words("div", "said in " + claim.where, "class=\"note\"");
    std::string because = safe(claim.because);
    std::string again;
    for (const std::string& command : claim.experiment) again += words("code", command) + "<br>";
    if (!again.empty()) because += fold("try it again", again);
    rows +=
        element("tr", verdict_html(claim.verdict) + element("td", what) + element("td", because)) +
        "\n";
  }
  const std::string head = words("th", "verdict") + words("th", "claim") + words("th", "because");
  return element("div",
                 element("table", element("thead", element("tr", head)) + element("tbody", rows),
                         "class=\"claims\""),
                 "class=\"wide\"") +
         "\n";
}

std::vector<Section> detail_sections(const std::vector<Subject>& subjects, const Parts& parts) {
  std::vector<Section> sections;
  for (const DetailView* view : detail_views()) {
    const std::vector<Subject> some = subjects_of(*view, subjects, parts);
    if (some.empty() || !(parts.*view->part)) continue;
    const std::string pictures = view->pictures ? view->pictures(some) : "";
    std::string said = from_markdown(view->markdown(some));
    if (view->pictures_say_it && !pictures.empty())
      said = fold("the same in words", said);
    sections.push_back({std::string(view->heading), pictures + said});
  }
  return sections;
}

std::string probes_html(const std::vector<Probe>& probes) {
  return from_markdown(probes_table(probes));
}

}  // namespace vtlab::render::html
