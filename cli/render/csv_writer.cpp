#include "render/csv_writer.h"

#include "render/format.h"

namespace vtlab::render {
namespace {

std::string quoted(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string out = "\"";
  for (const char c : field) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

std::string csv_text(const std::optional<double>& value) {
  return value ? format_exact(*value) : "";
}

CsvWriter::CsvWriter() {
  out_ = "scenario,mode,key,value,unit,low,high,source,missing_because\n";
}

void CsvWriter::about(const std::string& scenario, const std::string& mode) {
  prefix_ = quoted(scenario) + "," + quoted(mode);
}

void CsvWriter::add(const CsvLine& line) {
  out_ += prefix_;
  for (const std::string* field : {&line.key, &line.value, &line.unit, &line.low, &line.high,
                                   &line.source, &line.missing_because})
    out_ += "," + quoted(*field);
  out_ += "\n";
}

}  // namespace vtlab::render
