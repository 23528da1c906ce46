// result_json.cpp — the writer first, then the reader. Both follow result.h from top to bottom.
//
// Rule      A key is spelled here twice, once per direction, and nowhere else.
#include "result/result_json.h"

#include "result/common_json.h"
#include "result/details_json.h"
#include "result/json_tools.h"

namespace vtlab::result {
namespace {

// ---- writing ----

Json write(const LedgerRow& row) {
  Json out;
  out["action"] = row.action;
  put_if(out, "title", row.title);
  out["kernel_tasks"] = row.kernel_tasks;
  put_if(out, "sharing_mm", row.sharing_mm);
  return out;
}

Json write(const ClaimCheck& claim) {
  Json out;
  out["id"] = claim.id;
  put_if(out, "statement", claim.statement);
  out["verdict"] = word_of(kVerdicts, claim.verdict);
  out["because"] = claim.because;
  put_if(out, "group", claim.group);
  put_if(out, "where", claim.where);
  if (!claim.experiment.empty()) out["experiment"] = claim.experiment;
  return out;
}

Json write(const Repetition& repetition) {
  Json out;
  out["wall_ns"] = repetition.wall_ns;
  out["units_done"] = repetition.units_done;
  put_if(out, "kernel_tasks", repetition.kernel_tasks);
  return out;
}

Json write(const Result& result) {
  Json out;
  out["scenario"] = result.scenario;
  out["mode"] = result.mode;
  put_if(out, "mode_title", result.mode_title);
  out["partial"] = result.partial;
  put_if(out, "partial_because", result.partial_because);
  put_if(out, "observer", result.observer);
  out["params"] = write(result.params);
  put_if(out, "kernel_tasks", result.kernel_tasks);
  if (!result.kernel_tasks)
    out["kernel_tasks_missing_because"] = reason_or_default(result.kernel_tasks_missing_because);
  out["ledger"] = list(result.ledger, [](const LedgerRow& row) { return write(row); });
  out["wall_ns"] = result.wall_ns;
  out["metrics"] = write(result.metrics);
  out["claims"] = list(result.claims, [](const ClaimCheck& claim) { return write(claim); });
  out["probes"] = list(result.probes, [](const ProbeNote& probe) { return write(probe); });
  out["lost_events"] = result.lost_events;
  write_details(out, result.details);
  if (!result.repetitions.empty())
    out["repetitions"] = list(result.repetitions, [](const Repetition& r) { return write(r); });
  return out;
}

// ---- reading ----

LedgerRow read_ledger_row(const Node& in) {
  in.expect_object();
  return {in.text("action"), in.text_if("title"), in.whole("kernel_tasks"),
          in.whole_if("sharing_mm")};
}

ClaimCheck read_claim(const Node& in) {
  in.expect_object();
  return {in.text("id"),
          in.text_if("statement"),
          read_word(in.at("verdict"), kVerdicts),
          in.text("because"),
          in.text_if("group"),
          in.text_if("where"),
          in.list_if("experiment", [](const Node& line) { return line.text(); })};
}

Repetition read_repetition(const Node& in) {
  in.expect_object();
  return {in.whole("wall_ns"), in.whole("units_done"), in.whole_if("kernel_tasks")};
}

Result read_result(const Node& in) {
  in.expect_object();
  Result out;
  out.scenario = in.text("scenario");
  out.mode = in.text("mode");
  out.mode_title = in.text_if("mode_title");
  out.partial = in.has("partial") && in.flag("partial");
  out.partial_because = in.text_if("partial_because");
  out.observer = in.text_if("observer");
  out.params = in.members("params", read_param);
  out.kernel_tasks_missing_because =
      in.reason_unless("kernel_tasks", "kernel_tasks_missing_because");
  out.kernel_tasks = in.whole_if("kernel_tasks");
  out.ledger = in.list("ledger", read_ledger_row);
  out.wall_ns = in.whole("wall_ns");
  out.metrics = in.members("metrics", read_metric);
  out.claims = in.list("claims", read_claim);
  out.probes = in.list("probes", read_probe);
  out.lost_events = in.whole("lost_events");
  out.details = read_details(in);
  out.repetitions = in.list_if("repetitions", read_repetition);
  return out;
}

}  // namespace

std::string to_json(const ResultSet& set) {
  Json out;
  out["schema"] = set.schema;
  out["host"] = write(set.host);
  out["partial"] = set.partial;
  if (!set.notes.empty()) out["notes"] = set.notes;
  out["results"] = list(set.results, [](const Result& result) { return write(result); });
  out["skipped"] = list(set.skipped, [](const Skip& skip) { return write(skip); });
  if (!set.claims.empty())
    out["claims"] = list(set.claims, [](const ClaimCheck& claim) { return write(claim); });
  return to_text(out);
}

ResultSet read_result_set(const Node& in) {
  in.expect_object();
  check_schema(in.at("schema"), kSchema);
  ResultSet out;
  out.host = read_host(in.at("host"));
  out.partial = in.flag("partial");
  out.notes = in.list_if("notes", [](const Node& note) { return note.text(); });
  out.results = in.list("results", read_result);
  out.skipped = in.list("skipped", read_skip);
  out.claims = in.list_if("claims", read_claim);
  return out;
}

ResultSet from_json(std::string_view text) {
  const JsonDocument document(text);
  return read_result_set(Node(document));
}

}  // namespace vtlab::result
