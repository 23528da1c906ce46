// value.h — what a lesson can name: a number with its unit, a word, or the reason why there is neither.
//
// Threads   Plain values and pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace vtlab::lessons {

struct Value {
  enum class Kind { missing, number, text } kind = Kind::missing;
  double number = 0;
  std::string unit;  ///< of a number: "count", "ns", "bytes"; empty for a ratio
  std::string text;  ///< of a text; of what is missing: why

  static Value of(double number, std::string unit) {
    return {Kind::number, number, std::move(unit), {}};
  }
  static Value count(std::uint64_t number) { return of(static_cast<double>(number), "count"); }
  static Value word(std::string text) { return {Kind::text, 0, {}, std::move(text)}; }
  static Value missing(std::string because) { return {Kind::missing, 0, {}, std::move(because)}; }

  bool is_missing() const { return kind == Kind::missing; }
};

/// By name: "virtual.kernel_tasks".
using Values = std::map<std::string, Value, std::less<>>;

/// As people read it in the tables: "1,009", "104 ms", "8.00 MiB"; "–" if it is missing.
std::string shown(const Value& value);

/// What somebody typed as an answer, in the unit that is asked for: "1,009", "10k", "104 ms", "1.5 s", "8 KiB". Missing
/// with the reason, and an example, if it cannot be read.
Value typed(std::string_view text, std::string_view unit);

/// "100 ms" as Value: the number and the unit apart, as a formula has them. Missing: no such unit.
Value with_unit(double number, std::string_view unit);

}  // namespace vtlab::lessons
