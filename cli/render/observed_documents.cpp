// observed_documents.cpp — an observation for reports and for spreadsheets; the table is in observed.cpp.
#include "render/csv_writer.h"
#include "render/detail.h"
#include "render/format.h"
#include "render/markdown_text.h"
#include "render/observed.h"
#include "render/observed_tree.h"
#include "render/words.h"
#include "result/observed_json.h"

namespace vtlab::render {
namespace {

using result::Observed;

constexpr std::size_t kMostRows = 200;

}  // namespace

std::string observed_counts_markdown(const Observed& observed) {
  std::string out = table_line({"", "count", "seen by"}) + table_line({":--", "--:", ":--"});
  std::string missing;
  for (const result::Metric& metric : observed.counts) {
    out += table_line({escaped(one_line(metric.title)),
                       metric.value ? format_value(*metric.value, metric.unit) : "–",
                       escaped(one_line(metric.source))});
    if (!metric.value)
      missing += "- " + escaped(one_line(metric.title)) +
                 ": not observed: " + escaped(reason(metric.missing_because)) + "\n";
  }
  return out + (missing.empty() ? "" : "\n" + missing);
}

std::string observed_tree_markdown(const Observed& observed) {
  if (observed.processes.empty())
    return "Not observed: " + escaped(reason(observed.processes_missing_because)) + "\n";
  const Tree tree = make_tree(observed, kMostRows);
  std::string out = table_line({"process", "threads made", "processes made", "still alive"}) +
                    table_line({":--", "--:", "--:", "--:"});
  for (const TreeRow& row : tree.rows) {
    std::string indent;
    for (std::size_t i = 0; i < row.depth; ++i) indent += "&nbsp;&nbsp;";
    out += table_line({indent + escaped(row.name) + " " + row.which, format_count(row.threads),
                       format_count(row.processes), format_count(row.alive)});
  }
  if (tree.hidden) out += "\n… and " + format_count(tree.hidden) + " more processes\n";
  return out;
}

namespace {

void add_process(CsvWriter& out, const result::ObservedProcess& process) {
  const std::string key = "process[" + std::to_string(process.id) + "].";
  const auto add = [&](const char* field, const std::string& value, const char* unit) {
    out.add({key + field, value, unit, "", "", "", ""});
  };
  add("pid", csv_text(process.pid), "");
  if (process.by_id) add("by", csv_text(*process.by_id), "");
  if (!process.name.empty()) add("name", process.name, "");
  add("was_there", process.was_there ? "true" : "false", "");
  add("ended", process.ended ? "true" : "false", "");
  add("threads_made", csv_text(process.threads_made), "count");
  add("processes_made", csv_text(process.processes_made), "count");
}

}  // namespace

std::string observed_json(const Observed& observed, const Options&) {
  return result::to_json(observed) + "\n";
}

std::string observed_markdown(const Observed& observed, const Options& options) {
  std::string out = "## " + escaped(observed_title(observed)) + "\n";
  if (!observed.void_because.empty())
    out += "\n> **void: " + escaped(one_line(observed.void_because)) +
           "; do not rely on the numbers**\n";
  if (observed.partial)
    out += "\n> **partial: " + escaped(reason(observed.partial_because)) + "**\n";
  if (options.parts.ledger)
    out += "\n" + observed_counts_markdown(observed) + "\n### Who made them\n\n" +
           observed_tree_markdown(observed);
  out += details_markdown({{"", observed.observer, &observed.details}}, options.parts);
  if (options.parts.ledger) {
    std::vector<Probe> probes;
    for (const result::ProbeNote& note : observed.probes) probes.push_back(to_probe(note));
    out += "\n### Probes\n\n" + probes_table(probes) + "\n" + format_count(observed.lost_events) +
           " events lost\n";
  }
  std::vector<std::string> notes;
  for (const std::string& note : observed.notes) notes.push_back(one_line(note));
  return out + (notes.empty() ? "" : "\n### Notes\n\n" + bullets(notes));
}

std::string observed_csv(const Observed& observed, const Options&) {
  CsvWriter out;
  out.about("observe", "");
  if (observed.pid) out.add({"pid", csv_text(*observed.pid), "", "", "", "", ""});
  if (!observed.cgroup.empty()) out.add({"cgroup", observed.cgroup, "", "", "", "", ""});
  for (std::size_t i = 0; i < observed.command.size(); ++i)
    out.add({"command[" + std::to_string(i) + "]", observed.command[i], "", "", "", "", ""});
  out.add(
      {"partial", observed.partial ? "true" : "false", "", "", "", "", observed.partial_because});
  if (!observed.void_because.empty())
    out.add({"void", "true", "", "", "", "", observed.void_because});
  if (observed.exit && observed.exit->code)
    out.add({"exit_code", std::to_string(*observed.exit->code), "", "", "", "", ""});
  if (observed.exit && observed.exit->signal)
    out.add({"killed_by_signal", std::to_string(*observed.exit->signal), "", "", "", "", ""});
  out.add({"wall_ns", csv_text(observed.wall_ns), "ns", "", "", "", ""});
  for (const result::Metric& metric : observed.counts) add_metric(out, metric);
  for (const result::ProbeNote& probe : observed.probes) add_probe(out, probe);
  out.add({"lost_events", csv_text(observed.lost_events), "count", "", "", observed.observer, ""});
  if (observed.processes.empty())
    out.add({"processes_listed", "", "count", "", "", "", observed.processes_missing_because});
  for (const result::ObservedProcess& process : observed.processes) add_process(out, process);
  for (const DetailView* view : detail_views())
    if (view->applies(observed.details)) view->csv(out, {"", observed.observer, &observed.details});
  for (const std::string& note : observed.notes) out.add({"note", note, "", "", "", "", ""});
  out.about("", "");
  add_host(out, observed.host);
  return out.take();
}

}  // namespace vtlab::render
