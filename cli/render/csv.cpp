// csv.cpp — one value per line, for spreadsheets, R and pandas.
//
// Fields are quoted as RFC 4180 says; lines end with a line feed. Numbers are exact and carry no
// grouping. An absent value is an empty field with its reason in the last column.
#include <algorithm>

#include "render/creation_view.h"
#include "render/format.h"
#include "render/renderer.h"

namespace vtlab::render {
namespace {

using result::Result;

// A cell of the last six columns; scenario and mode come before it.
struct Line {
  std::string key, value, unit, low, high, source, missing_because;
};

std::string text(std::uint64_t value) {
  return std::to_string(value);
}
std::string text(const std::string& value) {
  return value;
}

template <class T>
std::string text(const std::optional<T>& value) {
  return value ? text(*value) : "";
}

template <>
std::string text(const std::optional<double>& value) {
  return value ? format_exact(*value) : "";
}

std::string quoted(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string out = "\"";
  for (const char c : field) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

class CsvWriter {
 public:
  CsvWriter() { out_ = "scenario,mode,key,value,unit,low,high,source,missing_because\n"; }

  void about(const std::string& scenario, const std::string& mode) {
    prefix_ = quoted(scenario) + "," + quoted(mode);
  }

  void add(const Line& line) {
    out_ += prefix_;
    for (const std::string* field : {&line.key, &line.value, &line.unit, &line.low, &line.high,
                                     &line.source, &line.missing_because})
      out_ += "," + quoted(*field);
    out_ += "\n";
  }

  std::string take() { return std::move(out_); }

 private:
  std::string prefix_ = ",";
  std::string out_;
};

void add_claim(CsvWriter& out, const result::ClaimCheck& claim) {
  const std::string key = "claim[" + claim.id + "]";
  if (claim.verdict == result::Verdict::not_testable_here)
    out.add({key, "not-testable-here", "", "", "", "", claim.because});
  else
    out.add({key, claim.verdict == result::Verdict::holds ? "holds" : "refuted", "", "", "",
             claim.because, ""});
}

void add_probe(CsvWriter& out, const result::ProbeNote& probe) {
  const std::string name = probe.counter.empty() ? probe.question : probe.counter;
  std::string why;
  for (const result::TriedRung& tried : probe.tried)
    why += (why.empty() ? "" : "; ") + tried.rung + " " + tried.hook + ": " + tried.because;
  const std::string source = probe.rung.empty() ? "" : probe.rung + " " + probe.hook;
  out.add({"probe[" + name + "]", text(probe.count), "count", "", "", source,
           probe.count          ? ""
           : probe.rung.empty() ? why
                                : "this probe does not count"});
  if (probe.recursion_misses)
    out.add({"recursion_misses[" + name + "]", text(probe.recursion_misses), "count", "", "",
             source, ""});
}

void add_metric(CsvWriter& out, const result::Metric& metric) {
  out.add({metric.key, text(metric.value), metric.unit, text(metric.low), text(metric.high),
           metric.source, metric.value ? "" : metric.missing_because});
}

void add_repetition(CsvWriter& out, std::size_t number, const result::Repetition& repetition) {
  const std::string key = "repetition[" + std::to_string(number) + "].";
  out.add({key + "wall_ns", text(repetition.wall_ns), "ns", "", "", "", ""});
  out.add({key + "units_done", text(repetition.units_done), "count", "", "", "", ""});
  if (repetition.kernel_tasks)
    out.add({key + "kernel_tasks", text(repetition.kernel_tasks), "count", "", "", "", ""});
}

// The extremes of one field over the repetitions; both empty if one of them lacks it.
struct Extremes {
  std::string low, high;
};

template <class F>
Extremes extremes(const std::vector<result::Repetition>& repetitions, F field) {
  std::optional<std::uint64_t> low, high;
  for (const result::Repetition& repetition : repetitions) {
    const std::optional<std::uint64_t> value = field(repetition);
    if (!value) return {};
    low = std::min(low.value_or(*value), *value);
    high = std::max(high.value_or(*value), *value);
  }
  return {text(low), text(high)};
}

void add_stage(CsvWriter& out, const std::string& key, const StageLine& stage) {
  out.add({"creation_stage" + key + "." + stage.key, text(stage.count), "count", "", "",
           stage.seen_by, ""});
  if (!stage.p50_ns) return;
  const std::string begin = "creation_ns" + key + "." + stage.key + ".";
  out.add({begin + "p50", text(stage.p50_ns), "ns", "", "", stage.seen_by, ""});
  out.add({begin + "p99", text(stage.p99_ns), "ns", "", "", stage.seen_by, ""});
  out.add({begin + "max", text(stage.max_ns), "ns", "", "", stage.seen_by, ""});
}

template <class Kind>
std::string key_of(const Kind& kind) {
  return "[" + kind.action + "/" + kind.call + "/" + kind.flags + "]";
}

void add_creations(CsvWriter& out, const Result& r) {
  const auto view = make_creation_view(r);
  if (!view) return;
  if (!r.creations) {
    out.add({"creations", "", "count", "", "", "", view->missing});
    return;
  }
  out.add({"creations", text(std::uint64_t{r.creations->records.size()}), "count", "", "",
           r.observer, ""});
  out.add({"lost_creations", text(r.creations->lost), "count", "", "", r.observer,
           r.creations->void_because});
  for (const PathKind& kind : view->paths) {
    out.add({"creations" + key_of(kind), text(kind.count), "count", "", "", "", ""});
    for (const StageLine& stage : kind.stages) add_stage(out, key_of(kind), stage);
    add_stage(out, key_of(kind), kind.whole);
  }
  for (const FailedKind& kind : view->failures)
    out.add({"creations_failed" + key_of(kind) + "." + kind.error, text(kind.count), "count", "",
             "", "", ""});
  for (const SharingKind& kind : view->sharing)
    for (std::size_t i = 0; i < kind.sharing.size(); ++i) {
      const auto share = static_cast<std::size_t>(kind.sharing[i]);
      out.add({"sharing" + key_of(kind) + "." + std::string(result::kShareables[i]),
               share ? std::string(result::kShareWords[share]) : "", "", "", "",
               text(kind.count) + " tasks", share ? "" : "this rung or kernel does not tell"});
    }
}

void add_result(CsvWriter& out, const Result& r) {
  out.about(r.scenario, r.mode);
  for (const result::Param& param : r.params)
    out.add({"param[" + param.key + "]",
             std::visit([](const auto& value) { return text(value); }, param.value), "", "", "", "",
             ""});
  out.add({"partial", r.partial ? "true" : "false", "", "", "", "", r.partial_because});
  using result::Repetition;
  const Extremes tasks =
      extremes(r.repetitions, [](const Repetition& repetition) { return repetition.kernel_tasks; });
  const Extremes wall = extremes(r.repetitions, [](const Repetition& repetition) {
    return std::optional(repetition.wall_ns);
  });
  out.add({"kernel_tasks", text(r.kernel_tasks), "count", tasks.low, tasks.high, r.observer,
           r.kernel_tasks ? "" : r.kernel_tasks_missing_because});
  for (const result::LedgerRow& row : r.ledger) {
    out.add({"kernel_tasks[" + row.action + "]", text(row.kernel_tasks), "count", "", "",
             r.observer, ""});
    if (row.sharing_mm)
      out.add({"sharing_mm[" + row.action + "]", text(row.sharing_mm), "count", "", "", r.observer,
               ""});
  }
  out.add({"wall_ns", text(r.wall_ns), "ns", wall.low, wall.high, "", ""});
  for (const result::Metric& metric : r.metrics) add_metric(out, metric);
  for (const result::ClaimCheck& claim : r.claims) add_claim(out, claim);
  for (const result::ProbeNote& probe : r.probes) add_probe(out, probe);
  out.add({"lost_events", text(r.lost_events), "count", "", "", r.observer, ""});
  add_creations(out, r);
  for (std::size_t i = 0; i < r.repetitions.size(); ++i)
    add_repetition(out, i + 1, r.repetitions[i]);
}

void add_host(CsvWriter& out, const result::Host& host) {
  out.add({"host[kernel]", host.kernel, "", "", "", "", ""});
  out.add({"host[machine]", host.machine, "", "", "", "", ""});
  out.add({"host[distribution]", host.distribution, "", "", "", "", ""});
  out.add({"host[cpus]", text(std::uint64_t{host.cpus}), "count", "", "", "", ""});
  out.add({"host[memory_bytes]", text(host.memory_bytes), "bytes", "", "", "", ""});
  out.add({"host[vtlab_version]", host.vtlab_version, "", "", "", "", ""});
  out.add({"host[started_at]", host.started_at, "", "", "", "", ""});
}

std::string render_csv(const result::ResultSet& set, const Options&) {
  CsvWriter out;
  for (const Result& r : set.results) add_result(out, r);
  for (const result::Skip& skip : set.skipped) {
    out.about(skip.scenario, skip.mode);
    out.add({"skipped", "", "", "", "", "", skip.because});
  }
  out.about("", "");
  for (const result::ClaimCheck& claim : set.claims) add_claim(out, claim);
  for (const std::string& note : set.notes) out.add({"note", note, "", "", "", "", ""});
  out.add({"partial", set.partial ? "true" : "false", "", "", "", "", ""});
  add_host(out, set.host);
  return out.take();
}

}  // namespace

extern const Renderer renderer_csv{.name = "csv",
                                   .title = "one value per line, for spreadsheets, R and pandas",
                                   .ending = ".csv",
                                   .render = render_csv};

}  // namespace vtlab::render
