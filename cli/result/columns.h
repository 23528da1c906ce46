// columns.h — a table of a document, which is written column by column, read row by row. Internal to result.
//
// Owns      nothing: the document must live longer.
// Errors    SchemaError, with the place of the value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "result/json_tools.h"

namespace vtlab::result {

/// The numbers of one column; each is checked when it is asked for.
class Column {
 public:
  enum Kind {
    any,     ///< or null
    number,  ///< of at most `limit`
    place,   ///< in a list of `limit`, or null: nobody
    word     ///< one of `limit`
  };
  Column(const Node& in, const LongList& values, Kind kind, std::uint64_t limit)
      : in_(in), values_(values), kind_(kind), limit_(limit) {}

  std::uint64_t operator[](std::size_t row) const {
    const std::uint64_t value = values_[row];
    const bool fits = kind_ == number  ? value <= limit_
                      : kind_ == place ? value == kNull || value < limit_
                                       : kind_ == any || value < limit_;
    if (!fits) refuse(row, value);
    return value;
  }
  std::uint32_t at(std::size_t row) const {
    return static_cast<std::uint32_t>((*this)[row]);  // kNull becomes Timeline::kNobody
  }
  std::optional<std::uint64_t> if_known(std::size_t row) const {
    const std::uint64_t value = (*this)[row];
    return value == kNull ? std::nullopt : std::optional(value);
  }
  [[noreturn]] void fail(std::size_t row, const std::string& complaint) const {
    in_.fail("[" + std::to_string(row) + "]: " + complaint);
  }

 private:
  [[noreturn]] void refuse(std::size_t row, std::uint64_t value) const {
    fail(row, kind_ == number  ? "expected a whole number of at most " + std::to_string(limit_)
              : kind_ == place ? "there is no entry " + std::to_string(value)
                               : "there is no such word");
  }

  Node in_;
  const LongList& values_;
  Kind kind_;
  std::uint64_t limit_;
};

/// The columns of one table: each as long as the others.
class Columns {
 public:
  Columns(const Node& in, const char* table) : in_(in.at(table).at("columns")) {
    in_.expect_object();
  }

  Column numbers(const char* key, std::uint64_t most) { return column(key, Column::number, most); }
  Column places(const char* key, std::size_t count) { return column(key, Column::place, count); }
  Column words(const char* key, std::size_t count) { return column(key, Column::word, count); }
  Column any(const char* key) { return column(key, Column::any, 0); }
  std::vector<std::string> texts(const char* key) {
    auto values = in_.list(key, [](const Node& text) { return text.text(); });
    check(key, values.size());
    return values;
  }
  std::vector<std::string> texts_if(const char* key) {
    return in_.has(key) ? texts(key) : std::vector<std::string>();
  }

  /// Calls f(row) for each, in order; the memory does not grow with them.
  template <class F>
  void each_row(F f) const {
    constexpr std::size_t kAtOnce = std::size_t{1} << 16;
    for (std::size_t row = 0; row < rows_.value_or(0); ++row) {
      f(row);
      if (row % kAtOnce == kAtOnce - 1)
        for (const LongList* values : all_) values->let_go();
    }
  }

 private:
  Column column(const char* key, Column::Kind kind, std::uint64_t limit) {
    const LongList& values = in_.long_list(key);
    check(key, values.size());
    all_.push_back(&values);
    return {in_.at(key), values, kind, limit};
  }
  void check(const char* key, std::size_t rows) {
    if (rows_.value_or(rows) != rows)
      in_.at(key).fail("expected " + std::to_string(*rows_) + " values as in the columns before, " +
                       "found " + std::to_string(rows));
    rows_ = rows;
  }

  Node in_;
  std::vector<const LongList*> all_;
  std::optional<std::size_t> rows_;
};

}  // namespace vtlab::result
