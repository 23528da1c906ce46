// markdown.cpp — the table's content as GitHub tables, for reports, pull requests and lecture
// notes.
//
// Rule      Text from the document is escaped: it can neither end a cell nor become HTML.
#include <cctype>

#include "render/format.h"
#include "render/renderer.h"
#include "render/view.h"
#include "render/words.h"

namespace vtlab::render {
namespace {

bool is_word(std::string_view text, std::size_t at) {
  return at < text.size() && std::isalnum(static_cast<unsigned char>(text[at]));
}

std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool inside_word = c == '_' && i > 0 && is_word(text, i - 1) && is_word(text, i + 1);
    if (c == '<')
      out += "&lt;";
    else if (c == '&')
      out += "&amp;";
    else if (!inside_word && std::string_view("\\|*_`[]~").find(c) != std::string_view::npos)
      out += std::string("\\") + c;
    else
      out += c;
  }
  return out;
}

std::string table_line(const std::vector<std::string>& cells) {
  std::string out = "|";
  for (const std::string& cell : cells) out += cell.empty() ? " |" : " " + cell + " |";
  return out + "\n";
}

std::string mark(std::size_t footnote) {
  return "<sup>" + format_count(footnote) + "</sup>";
}

std::string cell_text(const Cell& cell) {
  if (cell.footnote) return "–" + mark(cell.footnote);
  return escaped(cell.text) + (cell.range.empty() ? "" : " (" + escaped(cell.range) + ")");
}

std::string bold(const std::string& text) {
  return text.empty() ? text : "**" + text + "**";
}

std::string values_table(const Block& block) {
  std::vector<std::string> head{""}, rule{":--"};
  for (const Column& column : block.columns) {
    head.push_back(escaped(column.mode) + (column.partial ? " (partial)" : ""));
    rule.push_back("--:");
  }
  std::string out = table_line(head) + table_line(rule);
  for (const Group& group : block.groups) {
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

std::string probes_table(const std::vector<Probe>& probes) {
  std::string out = table_line({"counter", "question", "asked by", "1 means", "refused"}) +
                    table_line({":--", ":--", ":--", ":--", ":--"});
  for (const Probe& probe : probes) {
    std::string refused;
    for (const result::TriedRung& rung : probe.refused)
      refused += (refused.empty() ? "" : "<br>") +
                 escaped(rung.rung + " " + rung.hook + ": " + rung.because);
    std::string how = probe.rung.empty() ? "not attached" : escaped(probe.rung + " " + probe.hook);
    if (!probe.only_for.empty()) how += " (" + escaped(probe.only_for) + ")";
    out += table_line(
        {escaped(probe.counter), escaped(probe.question), how, escaped(probe.meaning), refused});
  }
  return out;
}

std::string bullets(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += "- " + escaped(item) + "\n";
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

std::string duration(const std::optional<std::uint64_t>& ns) {
  return ns ? format_duration(static_cast<double>(*ns)) : "–";
}

// What every table of creations says first, and what it has instead of rows.
std::string creations_alerts(const std::vector<CreationView>& views) {
  std::string out;
  for (const CreationView& view : views) {
    if (!view.missing.empty())
      out += "- " + escaped(view.mode) + ": not observed: " + escaped(view.missing) + "\n";
    if (!view.alert.empty()) out += "> **" + escaped(view.alert) + "**\n";
    if (!view.not_run.empty()) out += "- " + escaped(view.mode + ": " + view.not_run) + "\n";
  }
  return out.empty() ? out : out + "\n";
}

std::string path_table(const std::vector<CreationView>& views) {
  std::string out = creations_alerts(views);
  out +=
      table_line({"mode", "action", "asked by", "stage", "seen by", "tasks", "p50", "p99", "max"}) +
      table_line({":--", ":--", ":--", ":--", ":--", "--:", "--:", "--:", "--:"});
  for (const CreationView& view : views) {
    for (const PathKind& kind : view.paths) {
      std::vector<StageLine> lines = kind.stages;
      lines.push_back(kind.whole);
      bool first = true;
      for (const StageLine& line : lines) {
        std::vector<std::string> cells(3);
        if (first)
          cells = {escaped(view.mode), escaped(spaced(kind.action)),
                   bold(escaped(kind.call)) + " " + escaped(kind.flags)};
        first = false;
        for (const std::string& cell :
             {escaped(line.title), escaped(line.seen_by), format_count(line.count),
              duration(line.p50_ns), duration(line.p99_ns), duration(line.max_ns)})
          cells.push_back(cell);
        out += table_line(cells);
      }
    }
    for (const FailedKind& kind : view.failures)
      out +=
          table_line({escaped(view.mode), escaped(spaced(kind.action)),
                      bold(escaped(kind.call)) + " " + escaped(kind.flags),
                      "failed: " + escaped(kind.error), "", format_count(kind.count), "", "", ""});
  }
  return out + "\nTimes: since the stage above; percentiles are at most 3 % too high.\n";
}

std::string sharing_table(const std::vector<CreationView>& views) {
  std::vector<std::string> head{"mode", "action", "asked by", "tasks"};
  std::vector<std::string> rule{":--", ":--", ":--", "--:"};
  for (const std::string_view name : result::kShareables) {
    head.emplace_back(name);
    rule.emplace_back(":--");
  }
  head.emplace_back("the new task");
  rule.emplace_back(":--");
  std::string out = creations_alerts(views) + table_line(head) + table_line(rule);
  for (const CreationView& view : views)
    for (const SharingKind& kind : view.sharing) {
      std::vector<std::string> cells{escaped(view.mode), escaped(spaced(kind.action)),
                                     bold(escaped(kind.call)) + " " + escaped(kind.flags),
                                     format_count(kind.count)};
      for (const result::Share share : kind.sharing)
        cells.emplace_back(result::kShareWords[static_cast<std::size_t>(share)]);
      std::string task;
      for (const std::string& fact : kind.task) task += (task.empty() ? "" : ", ") + escaped(fact);
      cells.push_back(task);
      out += table_line(cells);
    }
  return out;
}

std::string block_text(const Block& block, const Parts& parts) {
  std::string out = "## " + escaped(block.scenario);
  if (!block.parameters.empty()) out += " — " + escaped(block.parameters);
  out += "\n";
  for (const std::string& setting : block.setting)
    if (!setting.empty()) out += "\n" + escaped(setting) + "\n";
  for (const std::string& alert : block.alerts) out += "\n> **" + escaped(alert) + "**\n";
  if (parts.ledger) {
    out += "\n" + values_table(block) + legend(block);
    if (!block.claims.empty()) out += "\n### Claims\n\n" + claims_table(block.claims);
  }
  if (block.creations.empty()) return out;
  if (parts.path) out += "\n### Creation path\n\n" + path_table(block.creations);
  if (parts.sharing)
    out += "\n### What a new task shares with its creator\n\n" + sharing_table(block.creations);
  return out;
}

std::string render_markdown(const result::ResultSet& set, const Options& options) {
  const View view = make_view(set);
  std::vector<std::string> parts;
  if (view.blocks.empty()) parts.push_back("No results.\n");
  for (const Block& block : view.blocks) parts.push_back(block_text(block, options.parts));
  if (!view.claims.empty())
    parts.push_back("## Claims over several results\n\n" + claims_table(view.claims));
  if (options.parts.ledger && !view.probes.empty())
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
                                        .render = render_markdown};

}  // namespace vtlab::render
