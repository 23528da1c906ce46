#include "lessons/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "render/format.h"

namespace vtlab::lessons {
namespace {

struct Unit {
  std::string_view word, of;
  double factor;
};

constexpr Unit kUnits[] = {
    {"ns", "ns", 1},        {"us", "ns", 1e3},         {"µs", "ns", 1e3},
    {"ms", "ns", 1e6},      {"s", "ns", 1e9},          {"B", "bytes", 1},
    {"KiB", "bytes", 1024}, {"MiB", "bytes", 1048576}, {"GiB", "bytes", 1073741824},
    {"k", "count", 1e3},    {"M", "count", 1e6},
};

std::string example(std::string_view unit) {
  if (unit == "ns") return "a time, such as 250 us, 100 ms or 1.5 s";
  if (unit == "bytes") return "an amount of memory, such as 512 B, 8 KiB or 1.5 MiB";
  return "a number, such as 3, 1009, 0.5 or 10k";
}

}  // namespace

std::string shown(const Value& value) {
  switch (value.kind) {
    case Value::Kind::missing:
      return "–";
    case Value::Kind::text:
      return render::one_line(value.text);
    case Value::Kind::number:
      break;
  }
  return value.unit.empty() ? render::format_number(value.number)
                            : render::format_value(value.number, value.unit);
}

Value with_unit(double number, std::string_view unit) {
  for (const Unit& known : kUnits)
    if (known.word == unit) return Value::of(number * known.factor, std::string(known.of));
  return Value::missing("there is no unit '" + std::string(unit) + "'");
}

Value typed(std::string_view text, std::string_view unit) {
  std::string plain;  // "1,009" and "1 009" are one number
  for (const char c : text)
    if (c != ',' && c != ' ' && c != '\t') plain += c;
  double number = 0;
  const char* end = plain.data() + plain.size();
  const auto [rest, error] = std::from_chars(plain.data(), end, number);
  const std::string_view word(rest, static_cast<std::size_t>(end - rest));
  const Value wrong = Value::missing("write " + example(unit));
  if (error != std::errc{} || !std::isfinite(number) || number < 0) return wrong;
  const std::string wanted(unit.empty() ? "count" : unit);
  if (word.empty()) return wanted == "count" || number == 0 ? Value::of(number, wanted) : wrong;
  const Value value = with_unit(number, word);
  return value.unit == wanted ? value : wrong;
}

}  // namespace vtlab::lessons
