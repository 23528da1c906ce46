// Rows of a timeline: many of them, in little memory.
#include "result/rows.h"

#include <cstdlib>
#include <fstream>
#include <string>

#include "support/catch.h"

namespace vtlab::test {
namespace {

using result::Rows;

struct Row {
  std::uint64_t at = 0, value = 0;
};

constexpr std::size_t kMany = 4u << 20;  // 64 MiB

Rows<Row> many(std::size_t count = kMany) {
  Rows<Row> rows;
  for (std::size_t i = 0; i < count; ++i) rows.push_back({i, 3 * i});
  return rows;
}

// The pages of files that are in our memory, in bytes.
std::size_t of_files_in_memory() {
  std::ifstream status("/proc/self/status");
  std::size_t bytes = 0, kib = 0;
  for (std::string word; status >> word;)
    if ((word == "RssFile:" || word == "RssShmem:") && status >> kib) bytes += kib << 10;
  return bytes;
}

class Folder {
 public:
  explicit Folder(const char* name) {
    if (const char* was = std::getenv("TMPDIR")) was_ = was;
    setenv("TMPDIR", name, 1);
  }
  ~Folder() {
    if (was_.empty())
      unsetenv("TMPDIR");
    else
      setenv("TMPDIR", was_.c_str(), 1);
  }

 private:
  std::string was_;
};

TEST_CASE("few rows have no file and many have one, and both keep what they were given") {
  CHECK_FALSE(many(1000).in_file());
  const Rows<Row> rows = many();
  CHECK(rows.in_file());
  REQUIRE(rows.size() == kMany);
  std::size_t wrong = 0, place = 0;
  for (const Row& row : rows) {
    wrong += row.at != place || row.value != 3 * place;
    ++place;
  }
  CHECK(place == kMany);
  CHECK(wrong == 0);
  CHECK(rows[kMany / 2].value == 3 * (kMany / 2));
}

TEST_CASE("adding rows and passing over them keeps few of them in memory") {
  constexpr std::size_t kFew = 8u << 20;
  const std::size_t before = of_files_in_memory();
  const Rows<Row> rows = many();
  CHECK(of_files_in_memory() < before + kFew);
  std::uint64_t sum = 0;
  for (const Row& row : rows) sum += row.value;
  CHECK(of_files_in_memory() < before + kFew);
  for (std::size_t i = 0; i < kMany; ++i) sum += rows[i].at;
  CHECK(of_files_in_memory() > before + kFew);
  rows.let_go();
  CHECK(of_files_in_memory() < before + kFew);
  CHECK(sum == 2 * std::uint64_t{kMany} * (kMany - 1));
}

TEST_CASE("without a folder for files all rows are in memory") {
  const Folder none("/nowhere/at/all");
  const Rows<Row> rows = many();
  CHECK_FALSE(rows.in_file());
  CHECK(rows.back().value == 3 * (kMany - 1));
}

TEST_CASE("a copy of rows has rows of its own") {
  Rows<Row> rows = many();
  const Rows<Row> copy = rows;
  for (Row& row : rows) row.value = 7;
  CHECK(rows[kMany - 1].value == 7);
  CHECK(copy[kMany - 1].value == 3 * (kMany - 1));
  rows.clear();
  CHECK(rows.empty());
  CHECK(copy.size() == kMany);
}

TEST_CASE("a row can be added to those that it is one of") {
  Rows<Row> rows{{1, 2}};
  while (rows.size() < 200'000) rows.push_back(rows.front());
  CHECK(rows.back().value == 2);
}

TEST_CASE("rows are taken away in order, and sorted where they are not") {
  Rows<Row> rows = many();
  CHECK(erase_if(rows, [](const Row& row) { return row.at % 2 == 1; }) == kMany / 2);
  REQUIRE(rows.size() == kMany / 2);
  CHECK(rows[1].at == 2);
  for (Row& row : rows) row.at = kMany - row.at;
  sort_if_needed(rows, [](const Row& a, const Row& b) { return a.at < b.at; });
  CHECK(rows.front().at == 2);
  CHECK(rows.back().at == kMany);
}

}  // namespace
}  // namespace vtlab::test
