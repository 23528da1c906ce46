// result_json.cpp — the writer first, then the reader. Both follow result.h from top to bottom.
//
// Rule      A key is spelled here twice, once per direction, and nowhere else.
#include "result/result_json.h"

#include "result/details_json.h"
#include "result/json_tools.h"

namespace vtlab::result {
namespace {

constexpr std::string_view kNoReason = "no reason was recorded";
constexpr std::pair<Verdict, std::string_view> kVerdicts[] = {
    {Verdict::holds, "holds"},
    {Verdict::refuted, "refuted"},
    {Verdict::not_testable_here, "not-testable-here"},
};

std::string reason_or_default(const std::string& reason) {
  return reason.empty() ? std::string(kNoReason) : reason;
}

// ---- writing ----

Json write(const Host& host) {
  Json out;
  out["kernel"] = host.kernel;
  out["machine"] = host.machine;
  put_if(out, "distribution", host.distribution);
  out["cpus"] = host.cpus;
  out["memory_bytes"] = host.memory_bytes;
  out["vtlab_version"] = host.vtlab_version;
  out["started_at"] = host.started_at;
  return out;
}

Json write(const std::vector<Param>& params) {
  Json out = Json::object();
  for (const Param& param : params)
    std::visit([&](const auto& value) { out[param.key] = value; }, param.value);
  return out;
}

Json write(const LedgerRow& row) {
  Json out;
  out["action"] = row.action;
  put_if(out, "title", row.title);
  out["kernel_tasks"] = row.kernel_tasks;
  put_if(out, "sharing_mm", row.sharing_mm);
  return out;
}

Json write(const Metric& metric) {
  Json out;
  out["title"] = metric.title;
  out["unit"] = metric.unit;
  put_if(out, "source", metric.source);
  if (!metric.value) {
    out["missing_because"] = reason_or_default(metric.missing_because);
  } else if (!std::isfinite(*metric.value)) {
    out["missing_because"] = "the measurement gave no finite number";
  } else {
    out["value"] = number(*metric.value);
    if (metric.low && metric.high && std::isfinite(*metric.low) && std::isfinite(*metric.high)) {
      out["low"] = number(*metric.low);
      out["high"] = number(*metric.high);
    }
  }
  return out;
}

Json write(const std::vector<Metric>& metrics) {
  Json out = Json::object();
  for (const Metric& metric : metrics) out[metric.key] = write(metric);
  return out;
}

Json write(const ClaimCheck& claim) {
  Json out;
  out["id"] = claim.id;
  put_if(out, "statement", claim.statement);
  for (const auto& [verdict, word] : kVerdicts)
    if (verdict == claim.verdict) out["verdict"] = word;
  out["because"] = claim.because;
  return out;
}

Json write(const TriedRung& tried) {
  Json out;
  out["rung"] = tried.rung;
  out["hook"] = tried.hook;
  out["because"] = tried.because;
  return out;
}

Json write(const ProbeNote& probe) {
  Json out;
  put_if(out, "counter", probe.counter);
  out["question"] = probe.question;
  out["rung"] = probe.rung;
  put_if(out, "hook", probe.hook);
  put_if(out, "meaning", probe.meaning);
  put_if(out, "count", probe.count);
  put_if(out, "recursion_misses", probe.recursion_misses);
  out["tried"] = list(probe.tried, [](const TriedRung& tried) { return write(tried); });
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

Json write(const Skip& skip) {
  Json out;
  out["scenario"] = skip.scenario;
  out["mode"] = skip.mode;
  out["because"] = skip.because;
  return out;
}

// ---- reading ----

Host read_host(const Node& in) {
  in.expect_object();
  Host out;
  out.kernel = in.text("kernel");
  out.machine = in.text("machine");
  out.distribution = in.text_if("distribution");
  const std::uint64_t cpus = in.whole("cpus");
  out.cpus = static_cast<std::uint32_t>(cpus);
  if (out.cpus != cpus) in.at("cpus").fail("no machine has that many CPUs");
  out.memory_bytes = in.whole_if("memory_bytes").value_or(0);
  out.vtlab_version = in.text_if("vtlab_version");
  out.started_at = in.text_if("started_at");
  return out;
}

LedgerRow read_ledger_row(const Node& in) {
  in.expect_object();
  return {in.text("action"), in.text_if("title"), in.whole("kernel_tasks"),
          in.whole_if("sharing_mm")};
}

Metric read_metric(const std::string& key, const Node& in) {
  in.expect_object();
  Metric out;
  out.key = key;
  out.title = in.text("title");
  out.unit = in.text("unit");
  out.source = in.text_if("source");
  out.missing_because = in.reason_unless("value", "missing_because");
  out.value = in.real_if("value");
  out.low = in.real_if("low");
  out.high = in.real_if("high");
  return out;
}

Verdict read_verdict(const Node& in) {
  const std::string word = in.text();
  for (const auto& [verdict, known] : kVerdicts)
    if (known == word) return verdict;
  in.fail("expected holds, refuted or not-testable-here, found \"" + word + "\"");
}

ClaimCheck read_claim(const Node& in) {
  in.expect_object();
  return {in.text("id"), in.text_if("statement"), read_verdict(in.at("verdict")),
          in.text("because")};
}

TriedRung read_tried(const Node& in) {
  in.expect_object();
  return {in.text("rung"), in.text("hook"), in.text("because")};
}

ProbeNote read_probe(const Node& in) {
  in.expect_object();
  ProbeNote out;
  out.counter = in.text_if("counter");
  out.question = in.text("question");
  out.rung = in.text("rung");
  out.hook = in.text_if("hook");
  out.meaning = in.text_if("meaning");
  out.count = in.whole_if("count");
  out.recursion_misses = in.whole_if("recursion_misses");
  out.tried = in.list_if("tried", read_tried);
  return out;
}

Repetition read_repetition(const Node& in) {
  in.expect_object();
  return {in.whole("wall_ns"), in.whole("units_done"), in.whole_if("kernel_tasks")};
}

Param read_param(const std::string& key, const Node& in) {
  return {key, in.whole_or_text()};
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

Skip read_skip(const Node& in) {
  in.expect_object();
  return {in.text("scenario"), in.text("mode"), in.text("because")};
}

void check_schema(const Node& in) {
  constexpr std::string_view known = kSchema;
  const std::string found = in.text();
  if (found == known) return;
  const std::string_view family = known.substr(0, known.find('/') + 1);
  if (!found.starts_with(family))
    in.fail("expected \"" + std::string(known) + "\", found \"" + found + "\": not a results file");
  unsigned number = 0;
  std::from_chars(found.data() + family.size(), found.data() + found.size(), number);
  if (number > 1)
    in.fail("\"" + found + "\" is newer than this vtlab, which knows \"" + std::string(known) +
            "\": use the vtlab that wrote the file, or a later one");
  in.fail("expected \"" + std::string(known) + "\", found \"" + found + "\"");
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
  return out.dump(2, ' ', false, Json::error_handler_t::replace);
}

ResultSet from_json(std::string_view text) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: …": the id is for
    // programmers.
    const std::string what = error.what();
    const std::size_t id_end = what.find("] ");
    throw SchemaError("not JSON: " +
                      (id_end == std::string::npos ? what : what.substr(id_end + 2)));
  }
  const Node in(json, "");
  in.expect_object();
  check_schema(in.at("schema"));
  ResultSet out;
  out.host = read_host(in.at("host"));
  out.partial = in.flag("partial");
  out.notes = in.list_if("notes", [](const Node& note) { return note.text(); });
  out.results = in.list("results", read_result);
  out.skipped = in.list("skipped", read_skip);
  out.claims = in.list_if("claims", read_claim);
  return out;
}

}  // namespace vtlab::result
