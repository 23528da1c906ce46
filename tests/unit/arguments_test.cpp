// Words of a command line: what they mean, and what is said of those that mean nothing.
#include "commands/arguments.h"

#include <functional>

#include "lab/error.h"
#include "support/catch.h"

namespace vtlab::test {
namespace {

using namespace commands;

std::string complaint(const std::function<void()>& action) {
  try {
    action();
  } catch (const lab::Error& error) {
    CHECK(error.code == lab::ExitCode::usage);
    return error.what_failed;
  }
  return "none";
}

}  // namespace

TEST_CASE("counts may have a k or an M") {
  CHECK(parse_count("--tasks", "1009", 1, 10'000'000) == 1009);
  CHECK(parse_count("--tasks", "10k", 1, 10'000'000) == 10'000);
  CHECK(parse_count("--tasks", "1M", 1, 10'000'000) == 1'000'000);
}

TEST_CASE("what is no count, or out of range, is refused with the option's name") {
  for (const char* text :
       {"0", "-1", "", "x", "1.5", "10kk", "10000001", "11M", "99999999999999999999", " 7", "7 "}) {
    CAPTURE(text);
    CHECK(complaint([&] { parse_count("--tasks", text, 1, 10'000'000); }) ==
          "--tasks cannot be '" + std::string(text) + "'");
  }
}

TEST_CASE("durations have units, and a bare number is milliseconds") {
  CHECK(parse_duration_ns("--delay", "100ms") == 100'000'000u);
  CHECK(parse_duration_ns("--delay", "1.5s") == 1'500'000'000u);
  CHECK(parse_duration_ns("--delay", "250us") == 250'000u);
  CHECK(parse_duration_ns("--delay", "7") == 7'000'000u);
  CHECK(parse_duration_ns("--delay", "0") == 0u);
}

TEST_CASE("what is no duration is refused") {
  for (const char* text : {"banana", "", "-1s", "1h", "nan", "inf", "1e300s", "2 s"}) {
    CAPTURE(text);
    CHECK(complaint([&] { parse_duration_ns("--delay", text); }) != "none");
  }
}

TEST_CASE("a misspelt name is answered with the nearest one, a strange one with the list") {
  const std::vector<std::string> modes{"platform", "virtual", "green", "fork", "pool"};
  CHECK(complaint([&] { unknown_name("mode", "virtaul", modes); }) ==
        "unknown mode 'virtaul'; did you mean 'virtual'?");
  CHECK(complaint([&] { unknown_name("mode", "frok", modes); }) ==
        "unknown mode 'frok'; did you mean 'fork'?");
  CHECK(complaint([&] { unknown_name("mode", "goroutine", modes); }) == "unknown mode 'goroutine'");
}

TEST_CASE("a word goes back to a shell as it came") {
  CHECK(shell_word("--mode=virtual,fork") == "--mode=virtual,fork");
  CHECK(shell_word("a b") == "'a b'");
  CHECK(shell_word("it's") == "'it'\\''s'");
  CHECK(shell_word("") == "''");
}

}  // namespace vtlab::test
