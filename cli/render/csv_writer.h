// csv_writer.h — lines of the csv document. Internal to render.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "result/result.h"

namespace vtlab::render {

/// A cell of the last seven columns; scenario and mode come before it. An absent value is empty, with
/// its reason in the last one.
struct CsvLine {
  std::string key, value, unit, low, high, source, missing_because;
};

/// As RFC 4180 says.
std::string csv_field(const std::string& text);

inline std::string csv_text(std::uint64_t value) {
  return std::to_string(value);
}
inline std::string csv_text(const std::string& value) {
  return value;
}
std::string csv_text(const std::optional<double>& value);
template <class T>
std::string csv_text(const std::optional<T>& value) {
  return value ? csv_text(*value) : "";
}

class CsvWriter {
 public:
  CsvWriter();

  void about(const std::string& scenario, const std::string& mode);
  void add(const CsvLine& line);
  std::string take() { return std::move(out_); }

 private:
  std::string prefix_ = ",";
  std::string out_;
};

/// Parts that the documents of `run` and `observe` have in common.
void add_metric(CsvWriter& out, const result::Metric& metric);
void add_probe(CsvWriter& out, const result::ProbeNote& probe);
void add_host(CsvWriter& out, const result::Host& host);

}  // namespace vtlab::render
