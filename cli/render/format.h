// format.h — how numbers and texts look. The only number formatting of the product.
//
// Rule      Three significant digits for what was measured, every digit for what was counted.
//           Output is UTF-8; widths are display columns, not bytes.
// Threads   Free functions without state: callable from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vtlab::render {

/// 1009 → "1,009": every digit, in groups of three.
std::string format_count(std::uint64_t value);

/// A number without unit, of a count or a ratio: 1009 → "1,009", 2.013 → "2.01", 0.00212 →
/// "0.0021".
std::string format_number(double value);

/// Nanoseconds as a person says them: "812 ns", "3.10 µs", "104 ms", "1.02 s".
std::string format_duration(double ns);
/// "–" if there is none.
std::string duration(const std::optional<std::uint64_t>& ns);

/// Bytes in powers of 1024: "812 B", "4.1 KiB", "8.00 MiB".
std::string format_bytes(double bytes);

/// The value with its unit as in Metric::unit. "…/unit" shows as its first half: the title says
/// "per unit".
std::string format_value(double value, std::string_view unit);

/// Two values of one unit as a range, the unit once if both have the same: "102–109 ms".
std::string format_range(double low, double high, std::string_view unit);

/// How far the farthest of low and high is from value: "±5 %"; empty if value is 0.
std::string format_spread(double value, double low, double high);

/// How many times as much, as a range: "3.1–3.4×", "505×". Two digits after the point below 2, where they decide.
std::string format_factor(double low, double high);

/// The shortest text that reads back as the same double; for tools, not for people.
std::string format_exact(double value);

/// Terminal columns that a UTF-8 text takes: 0 for combining marks, 2 for wide East Asian
/// characters and emoji.
std::size_t display_width(std::string_view text);

/// Safe to print on one line: control characters (so also escape sequences) become "·" or a space,
/// bytes that are not UTF-8 become U+FFFD.
std::string one_line(std::string_view text);

/// Only ASCII: the typography that vtlab itself uses gets its plain twin of equal width, all else
/// becomes "?".
std::string to_ascii(std::string_view text);

std::string pad_left(std::string_view text, std::size_t width);   ///< for numbers
std::string pad_right(std::string_view text, std::size_t width);  ///< for words

/// At most `width` columns; what was cut is shown as "…".
std::string shorten(std::string_view text, std::size_t width);

/// Lines of at most `width` columns, broken at spaces; a longer word is broken where it must be.
/// Never empty.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

}  // namespace vtlab::render
