// markdown.cpp — the table's content as GitHub tables, for reports, pull requests and lecture
// notes.
#include "render/collection.h"
#include "render/comparison.h"
#include "render/detail.h"
#include "render/format.h"
#include "render/markdown_text.h"
#include "render/observed.h"
#include "render/view.h"
#include "render/words.h"

namespace vtlab::render {
namespace {

std::string mark(std::size_t footnote) {
  return "<sup>" + format_count(footnote) + "</sup>";
}

std::string cell_text(const Cell& cell) {
  if (cell.footnote) return "–" + mark(cell.footnote);
  return escaped(cell.text) + (cell.range.empty() ? "" : " (" + escaped(cell.range) + ")");
}

std::string values_table(const Block& block, const Parts& parts) {
  std::vector<std::string> head{""}, rule{":--"};
  for (const Column& column : block.columns) {
    head.push_back(escaped(column.mode) + (column.partial ? " (partial)" : ""));
    rule.push_back("--:");
  }
  std::string out = table_line(head) + table_line(rule);
  for (const Group& group : block.groups) {
    if (group.setting && !parts.setting) continue;
    if (!group.title.empty()) {
      std::vector<std::string> heading(block.columns.size() + 1);
      heading[0] = "*" + escaped(group.title) + "*";
      out += table_line(heading);
    }
    for (const Row& row : group.rows) {
      const std::string label = escaped(row.label.substr(row.label.find_first_not_of(' ')));
      const bool nested = row.label.starts_with(' ');
      std::vector<std::string> cells{row.total ? bold(label) : nested ? "… " + label : label};
      for (const Cell& cell : row.cells)
        cells.push_back(row.total ? bold(cell_text(cell)) : cell_text(cell));
      out += table_line(cells);
    }
  }
  return out;
}

std::string claims_table(const std::vector<Claim>& claims) {
  std::string out = table_line({"verdict", "mode", "claim", "because"}) +
                    table_line({":--", ":--", ":--", ":--"});
  for (const Claim& claim : claims) {
    const std::string statement = claim.statement.empty() ? "" : ": " + escaped(claim.statement);
    out += table_line({verdict_sign(claim.verdict) + " " + verdict_word(claim.verdict),
                       escaped(claim.mode), bold(escaped(claim.id)) + statement,
                       escaped(claim.because)});
  }
  return out;
}

// Claims over several results, with what shows them again.
std::string proofs_table(const std::vector<Claim>& claims) {
  if (claims.front().group.empty()) return claims_table(claims);
  std::string out = table_line({"verdict", "claim", "said in", "because", "again"}) +
                    table_line({":--", ":--", ":--", ":--", ":--"});
  for (const Claim& claim : claims) {
    std::vector<std::string> lines;
    for (const std::string& command : claim.experiment) lines.push_back(escaped(command));
    out += table_line({verdict_sign(claim.verdict) + " " + verdict_word(claim.verdict),
                       bold(escaped(claim.id)) + ": " + escaped(claim.statement),
                       escaped(claim.where), escaped(claim.because), join(lines, "<br>")});
  }
  return out;
}

std::string legend(const Block& block) {
  std::string out;
  if (!block.repetitions.empty())
    out += "\nMedians of " + block.repetitions + " repetitions (lowest–highest, if they differ).\n";
  if (!block.footnotes.empty()) out += "\n";
  for (std::size_t i = 0; i < block.footnotes.size(); ++i)
    out += "- –" + mark(i + 1) + " not observed (" + escaped(block.footnotes[i].modes) +
           "): " + escaped(block.footnotes[i].because) + "\n";
  std::string modes;
  for (const Column& column : block.columns)
    if (!column.title.empty())
      modes += (modes.empty() ? "" : " · ") + escaped(column.mode) + ": " + escaped(column.title);
  return out + (modes.empty() ? "" : "\n" + modes + "\n");
}

std::string block_text(const Block& block, const Parts& parts) {
  std::string out;
  if (parts.setting) {
    out = "## " + escaped(block.scenario);
    if (!block.parameters.empty()) out += " — " + escaped(block.parameters);
    out += "\n";
    for (const std::string& setting : block.setting)
      if (!setting.empty()) out += "\n" + escaped(setting) + "\n";
  }
  for (const std::string& alert : block.alerts) out += "\n> **" + escaped(alert) + "**\n";
  if (parts.ledger) {
    out += "\n" + values_table(block, parts) + legend(block);
    if (!block.claims.empty()) out += "\n### Claims\n\n" + claims_table(block.claims);
  }
  return out + details_markdown(block.subjects, parts);
}

std::string render_markdown(const result::ResultSet& set, const Options& options) {
  const View view = make_view(set);
  std::vector<std::string> parts;
  if (view.blocks.empty() && view.claims.empty()) parts.push_back("No results.\n");
  for (const Block& block : view.blocks)
    if (options.parts.results) parts.push_back(block_text(block, options.parts));
  for (const std::vector<Claim>& group : by_group(view.claims))
    parts.push_back("## " + escaped(heading(group.front())) + "\n\n" + proofs_table(group));
  if (!view.verdicts.empty()) parts.push_back(escaped(view.verdicts) + "\n");
  if (options.parts.results && options.parts.ledger && !view.probes.empty())
    parts.push_back("### Probes\n\n" + probes_table(view.probes));
  if (!view.notes.empty()) parts.push_back("### Notes\n\n" + bullets(view.notes));
  if (!view.skipped.empty()) parts.push_back("### Not run\n\n" + bullets(view.skipped));
  if (!view.partial.empty()) parts.push_back("> **" + escaped(view.partial) + "**\n");
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : "\n") + part;
  return out;
}

}  // namespace

extern const Renderer renderer_markdown{.name = "markdown",
                                        .title = "the table for GitHub, reports and lecture notes",
                                        .ending = ".md",
                                        .render = render_markdown,
                                        .render_observed = observed_markdown,
                                        .render_comparison = comparison_markdown,
                                        .render_collection = collection_markdown};

}  // namespace vtlab::render
