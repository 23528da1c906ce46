// format_test.cpp — how numbers and texts look.
#include <string>
#include <vector>

#include "render/format.h"
#include "support/catch.h"

namespace {

using namespace vtlab::render;
using Lines = std::vector<std::string>;

TEST_CASE("a count shows every digit in groups of three", "[format]") {
  CHECK(format_count(0) == "0");
  CHECK(format_count(999) == "999");
  CHECK(format_count(1009) == "1,009");
  CHECK(format_count(18446744073709551615u) == "18,446,744,073,709,551,615");
}

TEST_CASE("a duration takes the unit in which it is at least 1 after rounding", "[format]") {
  CHECK(format_duration(0) == "0 ns");
  CHECK(format_duration(812) == "812 ns");
  CHECK(format_duration(3.4) == "3.40 ns");
  CHECK(format_duration(3100) == "3.10 µs");
  CHECK(format_duration(999499) == "999 µs");
  CHECK(format_duration(999600) == "1.00 ms");
  CHECK(format_duration(104e6) == "104 ms");
  CHECK(format_duration(1.02e9) == "1.02 s");
  CHECK(format_duration(4000e9) == "4,000 s");
}

TEST_CASE("bytes are shown in powers of 1024", "[format]") {
  CHECK(format_bytes(0) == "0 B");
  CHECK(format_bytes(812) == "812 B");
  CHECK(format_bytes(4198) == "4.1 KiB");
  CHECK(format_bytes(16384) == "16.0 KiB");
  CHECK(format_bytes(1023.9 * 1024) == "1.00 MiB");
  CHECK(format_bytes(8388608) == "8.00 MiB");
}

TEST_CASE("a ratio has three significant digits and a small one two", "[format]") {
  CHECK(format_number(2.013) == "2.01");
  CHECK(format_number(9.996) == "10.0");
  CHECK(format_number(20.26) == "20.3");
  CHECK(format_number(0.0473) == "0.047");
  CHECK(format_number(0.0000000012) == "<0.000001");
  CHECK(format_number(0) == "0");
  CHECK(format_value(2.0, "count/unit") == "2.00");
  CHECK(format_value(0.0, "count/unit") == "0");
}

TEST_CASE("a count that is a median between two counts keeps its half", "[format]") {
  CHECK(format_value(1009.5, "count") == "1,009.5");
  CHECK(format_value(1009, "count") == "1,009");
}

TEST_CASE("a value whose unit is not known keeps the unit as a word", "[format]") {
  CHECK(format_value(1.21, "gigawatts/unit") == "1.21 gigawatts");
}

TEST_CASE("a range says a common unit once and equal ends as one value", "[format]") {
  CHECK(format_range(102e6, 109e6, "ns") == "102–109 ms");
  CHECK(format_range(900e3, 1.1e6, "ns") == "900 µs–1.10 ms");
  CHECK(format_range(5e6, 5.0001e6, "ns") == "5.00 ms");
  CHECK(format_range(3, 4, "count") == "3–4");
}

TEST_CASE("a spread is the distance of the farther end", "[format]") {
  CHECK(format_spread(100, 98, 105) == "±5 %");
  CHECK(format_spread(100, 88, 105) == "±12 %");
  CHECK(format_spread(1000, 998, 1001) == "±0.2 %");
  CHECK(format_spread(0, 0, 5).empty());
}

TEST_CASE("width counts columns, not bytes", "[format]") {
  CHECK(display_width("3.10 µs") == 7);
  CHECK(display_width("e\u0301") == 1);
  CHECK(display_width("日本") == 4);
  CHECK(display_width("🚀") == 2);
  CHECK(pad_left("µs", 4) == "  µs");
  CHECK(pad_right("日本", 5) == "日本 ");
}

TEST_CASE("control characters and broken UTF-8 cannot leave one line", "[format]") {
  CHECK(one_line("a\nb\tc") == "a b c");
  CHECK(one_line("\x1b[31m") == "·[31m");
  CHECK(one_line("\xc2\x9b") == "·");
  CHECK(one_line("\u202Eevil") == "·evil");
  CHECK(one_line("caf\xe9") == "caf\uFFFD");
  CHECK(one_line("\xc0\xaf\xed\xa0\x80") == "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD");
}

TEST_CASE("ASCII twins have the width of what they replace", "[format]") {
  const std::string text = "✓ 102–109 µs ±5 % — 日本…";
  CHECK(to_ascii(text) == "+ 102-109 us ~5 % - ????~");
  CHECK(display_width(to_ascii(text)) == display_width(text));
}

TEST_CASE("text is broken at spaces, and inside a word only if it fits nowhere", "[format]") {
  CHECK(wrap("one two three", 7) == Lines{"one two", "three"});
  CHECK(wrap("one two three", 6) == Lines{"one", "two", "three"});
  CHECK(wrap("a abcdefghij b", 4) == Lines{"a", "abcd", "efgh", "ij b"});
  CHECK(wrap("日本語", 4) == Lines{"日本", "語"});
  CHECK(wrap("", 10) == Lines{""});
}

TEST_CASE("shortened text ends in an ellipsis within the width", "[format]") {
  CHECK(shorten("platform", 8) == "platform");
  CHECK(shorten("java-platform", 8) == "java-pl…");
}

TEST_CASE("an exact number reads back as the same double", "[format]") {
  CHECK(std::stod(format_exact(0.1 + 0.2)) == 0.1 + 0.2);
  CHECK(format_exact(1009) == "1009");
}

}  // namespace
