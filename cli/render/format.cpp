// format.cpp — see format.h. The only file that includes {fmt}.
#include "render/format.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace vtlab::render {
namespace {

std::string group_thousands(std::string digits) {
  const std::size_t sign = digits.starts_with('-') ? 1 : 0;
  for (std::size_t at = std::min(digits.find('.'), digits.size()); at > sign + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

constexpr double kTooLong = 1e18;  // from here on an exponent is easier to read than the digits

// Three significant digits from 1 to 999, as many as there are above: 1.02, 10.2, 102, 1,024.
std::string significant(double value) {
  const double size = std::abs(value);
  if (size < 9.995) return fmt::format("{:.2f}", value);
  if (size < 99.95) return fmt::format("{:.1f}", value);
  if (size >= kTooLong) return fmt::format("{:.2e}", value);
  return group_thousands(fmt::format("{:.0f}", value));
}

struct Scale {
  double factor;
  std::string_view unit;
};

// The largest scale in which the value, as it will be rounded, is at least 1: 999.6 µs is "1.00
// ms". `limit` is what a scale may show at most before the next one is due.
template <std::size_t N>
const Scale& choose(const Scale (&scales)[N], double value, double limit) {
  for (const Scale& scale : scales)
    if (std::round(std::abs(value) / scale.factor) < limit) return scale;
  return scales[N - 1];
}

bool is_whole(double value) {
  return value == std::trunc(value);
}

// ---- UTF-8 ----

struct Decoded {
  char32_t code;
  std::size_t bytes;  // how many of the text it took; at least 1
  bool valid;
};

Decoded decode(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1, true};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + length > text.size()) return {0xFFFD, 1, false};
  char32_t code = first & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {0xFFFD, 1, false};
    code = (code << 6) | (byte(i) & 0x3F);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kSmallest[length] || code > 0x10FFFF || surrogate) return {0xFFFD, 1, false};
  return {code, length, true};
}

struct Range {
  char32_t first, last;
};

// Blocks rather than the full tables of Unicode: enough to keep columns straight for what is seen
// in practice.
constexpr Range kZeroWidth[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x064B, 0x065F}, {0x0E34, 0x0E3A},
    {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x202A, 0x202E},
    {0x2060, 0x2064}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}};
constexpr Range kDoubleWidth[] = {
    {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},  {0xA960, 0xA97F}, {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},  {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};

template <std::size_t N>
bool in_any(char32_t code, const Range (&ranges)[N]) {
  return std::any_of(std::begin(ranges), std::end(ranges), [code](const Range& range) {
    return code >= range.first && code <= range.last;
  });
}

std::size_t columns(char32_t code) {
  if (in_any(code, kZeroWidth)) return 0;
  return in_any(code, kDoubleWidth) ? 2 : 1;
}

bool is_control(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0);
}

// Bidirectional controls can make a line read differently from what it says.
bool is_direction_control(char32_t code) {
  return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

// Bytes of the longest beginning of the text that fits into so many columns; at least one
// character.
std::size_t fitting_bytes(std::string_view text, std::size_t width) {
  std::size_t at = 0, used = 0;
  while (at < text.size()) {
    const Decoded next = decode(text, at);
    used += columns(next.code);
    if (used > width && at > 0) break;
    at += next.bytes;
  }
  return at;
}

}  // namespace

std::string format_count(std::uint64_t value) {
  return group_thousands(fmt::format("{}", value));
}

std::string format_number(double value) {
  if (is_whole(value) && std::abs(value) < kTooLong)
    return group_thousands(fmt::format("{:.0f}", value + 0.0));
  if (std::abs(value) >= 0.0995) return significant(value);
  // Two significant digits without an exponent, down to where nobody cares.
  if (std::abs(value) < 0.000001) return value < 0 ? "-0" : "<0.000001";
  const int decimals = 1 - static_cast<int>(std::floor(std::log10(std::abs(value))));
  return fmt::format("{:.{}f}", value, decimals);
}

std::string format_duration(double ns) {
  constexpr Scale kScales[] = {{1.0, "ns"}, {1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}};
  const Scale& scale = choose(kScales, ns, 1000.0);
  const double value = ns / scale.factor;
  const bool exact = scale.factor == 1.0 && is_whole(value);
  return (exact ? format_number(value) : significant(value)) + " " + std::string(scale.unit);
}

std::string duration(const std::optional<std::uint64_t>& ns) {
  return ns ? format_duration(static_cast<double>(*ns)) : "–";
}

std::string format_bytes(double bytes) {
  constexpr double kKi = 1024.0;
  constexpr Scale kScales[] = {{1.0, "B"},
                               {kKi, "KiB"},
                               {kKi * kKi, "MiB"},
                               {kKi * kKi * kKi, "GiB"},
                               {kKi * kKi * kKi * kKi, "TiB"}};
  const Scale& scale = choose(kScales, bytes, kKi);
  const double value = bytes / scale.factor;
  const std::string unit = " " + std::string(scale.unit);
  if (scale.factor == 1.0) return fmt::format("{:.0f}", value) + unit;
  if (scale.factor == kKi && std::abs(value) < 99.95) return fmt::format("{:.1f}", value) + unit;
  return significant(value) + unit;
}

std::string format_value(double value, std::string_view unit) {
  const std::string_view base = unit.substr(0, unit.find('/'));  // the title says per what
  if (base == "ns") return format_duration(value);
  if (base == "bytes") return format_bytes(value);
  if (unit == "count" && !is_whole(value)) return group_thousands(fmt::format("{:.1f}", value));
  if (base == "count" && unit != base && value != 0.0 && std::abs(value) >= 0.0995)
    return significant(value);
  if (base == "count" || base.empty()) return format_number(value);
  return format_number(value) + " " + std::string(base);
}

std::string format_range(double low, double high, std::string_view unit) {
  const std::string from = format_value(low, unit);
  const std::string to = format_value(high, unit);
  if (from == to) return to;
  const std::size_t from_space = from.find(' ');
  const std::size_t to_space = to.find(' ');
  const bool same_unit = from_space != std::string::npos && to_space != std::string::npos &&
                         from.substr(from_space) == to.substr(to_space);
  return (same_unit ? from.substr(0, from_space) : from) + "–" + to;
}

std::string format_spread(double value, double low, double high) {
  if (value == 0.0) return "";
  const double percent = std::max(value - low, high - value) / std::abs(value) * 100.0;
  if (percent < 0.05) return "±0 %";
  return fmt::format("±{:.{}f} %", percent, percent < 0.95 ? 1 : 0);
}

std::string format_factor(double low, double high) {
  const auto factor = [&](double value) {
    if (value < 9.95) return fmt::format("{:.{}f}", value, low < 2 ? 2 : 1);
    return group_thousands(fmt::format("{:.0f}", value));
  };
  const std::string from = factor(low), to = factor(high);
  return (from == to ? from : from + "–" + to) + "×";
}

std::string format_exact(double value) {
  return fmt::format("{}", value);
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Decoded next = decode(text, at);
    width += columns(next.code);
    at += next.bytes;
  }
  return width;
}

std::string one_line(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const Decoded next = decode(text, at);
    if (!next.valid)
      out += "\uFFFD";
    else if (next.code == '\n' || next.code == '\t' || next.code == '\r')
      out += ' ';
    else if (is_control(next.code) || is_direction_control(next.code))
      out += "·";
    else
      out += text.substr(at, next.bytes);
    at += next.bytes;
  }
  return out;
}

std::string to_ascii(std::string_view text) {
  constexpr std::pair<char32_t, char> kTwins[] = {
      {U'–', '-'}, {U'—', '-'}, {U'─', '-'}, {U'µ', 'u'},  {U'·', '.'}, {U'…', '~'}, {U'×', 'x'},
      {U'≤', '<'}, {U'≥', '>'}, {U'→', '>'}, {U'’', '\''}, {U'“', '"'}, {U'”', '"'}, {U'±', '~'},
      {U'┌', '+'}, {U'┐', '+'}, {U'┘', '+'}, {U'┤', '|'},  {U'┬', '+'}, {U'┴', '+'}, {U'┼', '+'},
      {U'╪', '+'}, {U'§', '#'}, {U'═', '='}, {U'▼', 'v'},  {U'▲', '^'}, {U'►', '>'}, {U'◄', '<'},
      {U'←', '<'}, {U'↑', '^'}, {U'↓', 'v'}, {U'✓', '+'},  {U'✗', 'x'}, {U'•', '*'}, {U'│', '|'},
      {U'├', '|'}, {U'└', '`'}, {U'▁', '.'}, {U'▂', ':'},  {U'▃', '-'}, {U'▄', '='}, {U'▅', '+'},
      {U'▆', '*'}, {U'▇', '%'}, {U'█', '#'}};
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const Decoded next = decode(text, at);
    if (next.code < 0x80) {
      out += static_cast<char>(next.code);
    } else {
      const auto* twin = std::find_if(std::begin(kTwins), std::end(kTwins),
                                      [&](const auto& entry) { return entry.first == next.code; });
      const char plain = twin == std::end(kTwins) ? '?' : twin->second;
      out.append(columns(next.code), plain);
    }
    at += next.bytes;
  }
  return out;
}

std::string pad_left(std::string_view text, std::size_t width) {
  const std::size_t used = display_width(text);
  return std::string(width > used ? width - used : 0, ' ') + std::string(text);
}

std::string pad_right(std::string_view text, std::size_t width) {
  const std::size_t used = display_width(text);
  return std::string(text) + std::string(width > used ? width - used : 0, ' ');
}

std::string shorten(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  return std::string(text.substr(0, fitting_bytes(text, width - 1))) + "…";
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  const auto flush = [&] {
    lines.push_back(line);
    line.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    std::string_view word = text.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    if (!line.empty() && display_width(line) + 1 + display_width(word) > width) flush();
    while (display_width(word) > width) {
      const std::size_t fits = fitting_bytes(word, width);
      line = std::string(word.substr(0, fits));
      flush();
      word.remove_prefix(fits);
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty() || lines.empty()) flush();
  return lines;
}

}  // namespace vtlab::render
