#include "render/csv_writer.h"

#include "render/format.h"

namespace vtlab::render {

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string csv_text(const std::optional<double>& value) {
  return value ? format_exact(*value) : "";
}

CsvWriter::CsvWriter() {
  out_ = "scenario,mode,key,value,unit,low,high,source,missing_because\n";
}

void CsvWriter::about(const std::string& scenario, const std::string& mode) {
  prefix_ = csv_field(scenario) + "," + csv_field(mode);
}

void CsvWriter::add(const CsvLine& line) {
  out_ += prefix_;
  for (const std::string* field : {&line.key, &line.value, &line.unit, &line.low, &line.high,
                                   &line.source, &line.missing_because})
    out_ += "," + csv_field(*field);
  out_ += "\n";
}

void add_metric(CsvWriter& out, const result::Metric& metric) {
  out.add({metric.key, csv_text(metric.value), metric.unit, csv_text(metric.low),
           csv_text(metric.high), metric.source, metric.value ? "" : metric.missing_because});
}

void add_probe(CsvWriter& out, const result::ProbeNote& probe) {
  const std::string name = probe.counter.empty() ? probe.question : probe.counter;
  std::string why;
  for (const result::TriedRung& tried : probe.tried)
    why += (why.empty() ? "" : "; ") + tried.rung + " " + tried.hook + ": " + tried.because;
  const std::string source = probe.rung.empty() ? "" : probe.rung + " " + probe.hook;
  out.add({"probe[" + name + "]", csv_text(probe.count), "count", "", "", source,
           probe.count          ? ""
           : probe.rung.empty() ? why
                                : "this probe does not count"});
  if (probe.recursion_misses)
    out.add({"recursion_misses[" + name + "]", csv_text(probe.recursion_misses), "count", "", "",
             source, ""});
}

void add_host(CsvWriter& out, const result::Host& host) {
  out.add({"host[kernel]", host.kernel, "", "", "", "", ""});
  out.add({"host[machine]", host.machine, "", "", "", "", ""});
  out.add({"host[distribution]", host.distribution, "", "", "", "", ""});
  out.add({"host[cpus]", csv_text(std::uint64_t{host.cpus}), "count", "", "", "", ""});
  out.add({"host[memory_bytes]", csv_text(host.memory_bytes), "bytes", "", "", "", ""});
  out.add({"host[vtlab_version]", host.vtlab_version, "", "", "", "", ""});
  out.add({"host[started_at]", host.started_at, "", "", "", "", ""});
  if (!host.command.empty()) out.add({"host[command]", host.command, "", "", "", "", ""});
}

}  // namespace vtlab::render
