// golden_test.cpp — saved ResultSets and what every format makes of them, compared with files.
//
// samples/NAME.json is what somebody saved; expected/NAME.EXT is what we want people to see. When a
// change of the output is wanted: tests/golden/approve.sh, then read the diff before committing it.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "render/format.h"
#include "render/renderer.h"
#include "result/observed_json.h"
#include "result/result_json.h"
#include "support/catch.h"

namespace {

namespace fs = std::filesystem;
using vtlab::render::Options;

const fs::path kFolder = fs::path(VTLAB_SOURCE_DIR) / "tests" / "golden";

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> sample_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kFolder / "samples"))
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  REQUIRE_FALSE(names.empty());
  std::sort(names.begin(), names.end());
  return names;
}

vtlab::result::ResultSet sample(const std::string& name) {
  return vtlab::result::from_json(read_file(kFolder / "samples" / (name + ".json")));
}

std::string render_text(const std::string& format, const std::string& json,
                        const Options& options = {}) {
  const auto* renderer = vtlab::render::find_renderer(format);
  REQUIRE(renderer != nullptr);
  const auto document = vtlab::result::read_document(json);
  if (const auto* observed = std::get_if<vtlab::result::Observed>(&document))
    return renderer->render_observed(*observed, options);
  if (const auto* comparison = std::get_if<vtlab::result::Comparison>(&document))
    return renderer->render_comparison(*comparison, options);
  if (const auto* collection = std::get_if<vtlab::result::Collection>(&document))
    return renderer->render_collection(*collection, options);
  return renderer->render(std::get<vtlab::result::ResultSet>(document), options);
}

std::string render(const std::string& format, const std::string& name,
                   const Options& options = {}) {
  return render_text(format, read_file(kFolder / "samples" / (name + ".json")), options);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The first difference, because two whole tables one below the other show nothing.
std::string first_difference(const std::string& expected, const std::string& actual) {
  const auto want = lines_of(expected), got = lines_of(actual);
  for (std::size_t i = 0; i < std::max(want.size(), got.size()); ++i) {
    const std::string wanted = i < want.size() ? want[i] : "(the end)";
    const std::string found = i < got.size() ? got[i] : "(the end)";
    if (wanted != found)
      return "line " + std::to_string(i + 1) + "\n  expected: " + wanted + "\n  actual:   " + found;
  }
  return "only in line ends";
}

void check_golden(const std::string& file, const std::string& actual) {
  const fs::path path = kFolder / "expected" / file;
  if (std::getenv("VTLAB_APPROVE") != nullptr) {
    std::ofstream(path, std::ios::binary) << actual;
    return;
  }
  const std::string expected = read_file(path);
  INFO(file << ": " << first_difference(expected, actual));
  CHECK((expected == actual));
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string without_colour(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b')
      i = text.find('m', i);
    else
      out += text[i];
  }
  return out;
}

TEST_CASE("every format renders every sample as approved", "[golden][approve]") {
  for (const std::string& name : sample_names()) {
    check_golden(name + ".txt", render("table", name));
    check_golden(name + ".md", render("markdown", name));
    check_golden(name + ".csv", render("csv", name));
    check_golden(name + ".json", render("json", name));
  }
}

const auto* const kTerminal = &vtlab::render::palettes().front();

TEST_CASE("colour, ASCII and narrow tables look as approved", "[golden][approve]") {
  check_golden("refuted.colour.txt", render("table", "refuted", {.palette = kTerminal}));
  check_golden("interrupted.colour.txt", render("table", "interrupted", {.palette = kTerminal}));
  check_golden("repeated.ascii.txt", render("table", "repeated", {.ascii = true}));
  check_golden("hostile.ascii.txt", render("table", "hostile", {.ascii = true}));
  check_golden("five-modes.60.txt", render("table", "five-modes", {.width = 60}));
  check_golden("creations.60.txt", render("table", "creations", {.width = 60}));
  check_golden("scheduling.ascii.txt", render("table", "scheduling", {.width = 60, .ascii = true}));
  check_golden("timeline.ascii.txt", render("table", "timeline", {.width = 60, .ascii = true}));
  check_golden("timeline.zoom.txt",
               render("table", "timeline",
                      {.parts = {.ledger = false, .zoom = {{400'000}, {300'000}, {}}}}));
  check_golden("timeline.unit.txt",
               render("table", "timeline", {.parts = {.ledger = false, .zoom = {{}, {}, 3}}}));
  check_golden("syscalls.60.txt", render("table", "syscalls", {.width = 60}));
  check_golden("compared.ascii.txt", render("table", "compared", {.width = 60, .ascii = true}));
  check_golden("class.ascii.txt", render("table", "class", {.width = 60, .ascii = true}));
  check_golden("side-by-side.60.txt", render("table", "side-by-side", {.width = 60}));
  check_golden("proven.claims.txt", render("table", "proven", {.parts = {.results = false}}));
  check_golden(
      "proven.ascii.txt",
      render("table", "proven", {.width = 60, .ascii = true, .parts = {.results = false}}));
  check_golden("proven.claims.md", render("markdown", "proven", {.parts = {.results = false}}));
}

TEST_CASE("no line of a table is wider than was allowed", "[golden]") {
  for (const std::string& name : sample_names())
    for (const unsigned width : {80u, 60u, 73u, 120u})
      for (const std::string& line : lines_of(render("table", name, {.width = width}))) {
        INFO(name << " in " << width << " columns: " << line);
        CHECK(vtlab::render::display_width(line) <= width);
      }
}

TEST_CASE("a table without colour has the same words as one in any palette", "[golden]") {
  for (const std::string& name : sample_names())
    for (const vtlab::render::Palette& palette : vtlab::render::palettes())
      CHECK(
          (without_colour(render("table", name, {.palette = &palette})) == render("table", name)));
}

TEST_CASE("an ASCII table has only ASCII, whatever the document holds", "[golden]") {
  for (const std::string& name : sample_names())
    for (const char c : render("table", name, {.ascii = true}))
      if (c != '\n' && (c < ' ' || c > '~')) FAIL_CHECK(name << " has byte " << int(c));
}

TEST_CASE("a control character of the document never reaches the terminal", "[golden]") {
  CHECK_FALSE(contains(render("table", "hostile"), "\x1b"));
  CHECK_FALSE(contains(render("table", "hostile"), "\a"));
  CHECK_FALSE(contains(render("markdown", "hostile"), "\x1b"));
}

TEST_CASE("a control character in the reason of a missing detail never reaches the terminal",
          "[golden]") {
  auto set = sample("hostile");
  const std::string reason = "no\x1b[31m records\a";
  auto& details = set.results.front().details = {};
  details.creations.missing_because = details.scheduling.missing_because = reason;
  details.syscalls.missing_because = details.creators.missing_because = reason;
  details.runtime.missing_because = reason;
  for (const char* format : {"table", "markdown"}) {
    const std::string text = vtlab::render::find_renderer(format)->render(set, {});
    CHECK(contains(text, "not observed: no·"));
    CHECK_FALSE(contains(text, "\x1b"));
    CHECK_FALSE(contains(text, "\a"));
  }
}

TEST_CASE("five modes stand side by side in 80 columns", "[golden]") {
  const auto lines = lines_of(render("table", "five-modes"));
  CHECK(std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
    return contains(line, "platform") && contains(line, "virtual") && contains(line, "green") &&
           contains(line, "fork") && contains(line, "event-loop");
  }));
}

TEST_CASE("a counter that was not observed renders as a dash with its reason, not as 0",
          "[golden]") {
  const std::string table = render("table", "unprivileged");
  for (const std::string& line : lines_of(table)) {
    if (line.starts_with("  kernel switches per unit")) {
      CHECK(line.ends_with("–¹"));
      CHECK(std::count_if(line.begin(), line.end(), [](char c) { return c >= '0' && c <= '9'; }) ==
            0);
    }
  }
  CHECK(contains(table, "–¹ not observed (platform, virtual): needs eBPF"));
  CHECK(contains(render("csv", "unprivileged"), "switches_per_unit,,count/unit,,,,needs eBPF"));
  CHECK_FALSE(contains(render("json", "unprivileged"), "null"));
}

TEST_CASE("kernel tasks that nobody counted have no ledger rows and a reason", "[golden]") {
  const std::string table = render("table", "unobserved");
  for (const std::string& line : lines_of(table))
    if (line.starts_with("kernel task_structs created")) CHECK(line.ends_with(" –¹"));
  CHECK(contains(table, "neither eBPF nor ptrace is allowed here"));
  CHECK_FALSE(contains(table, "by start carrier"));
}

TEST_CASE("a partial run says so in its column, above the numbers and at the end", "[golden]") {
  const auto lines = lines_of(render("table", "interrupted"));
  const auto count = std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
    return contains(line, "PARTIAL") || contains(line, "   partial");
  });
  CHECK(count == 3);
  CHECK(contains(lines[lines.size() - 3], "! PARTIAL"));
}

TEST_CASE("lost events and recursion misses stand above the numbers that they spoil", "[golden]") {
  const std::string table = render("table", "lost-events");
  CHECK(table.find("! LOST virtual: 12,873 events") < table.find("kernel task_structs created"));
  CHECK(table.find("! MISSED platform") < table.find("kernel task_structs created"));
}

TEST_CASE("a ledger that does not add up is called a contradiction", "[golden]") {
  auto set = sample("kernel-view");
  set.results[1].ledger[0].kernel_tasks = 1;
  const std::string table = vtlab::render::find_renderer("table")->render(set, {});
  CHECK(contains(table, "! CONTRADICTION virtual: the actions add up to 2 task_structs, but 3"));
  CHECK_FALSE(contains(render("table", "kernel-view"), "CONTRADICTION"));
}

TEST_CASE("a metric key that this vtlab does not know is shown under other", "[golden]") {
  const std::string table = render("table", "hostile");
  CHECK(table.find("\nother\n") < table.find("flux"));
  CHECK(contains(table, "1.21 gigawatts"));
}

TEST_CASE("a cell of a Markdown table cannot be ended by its text", "[golden]") {
  std::size_t bars = 0;
  for (const std::string& line : lines_of(render("markdown", "hostile"))) {
    if (!line.starts_with("|")) {
      bars = 0;
      continue;
    }
    std::size_t here = 0;
    for (std::size_t i = 0; i < line.size(); ++i)
      if (line[i] == '|' && (i == 0 || line[i - 1] != '\\')) ++here;
    INFO(line);
    if (bars != 0) CHECK(here == bars);
    bars = here;
  }
}

TEST_CASE("only the parts that were asked for are shown, and nothing invents the others",
          "[golden]") {
  constexpr vtlab::render::Parts kNone{.ledger = false,
                                       .path = false,
                                       .sharing = false,
                                       .sched = false,
                                       .timeline = false,
                                       .syscalls = false,
                                       .creators = false,
                                       .runtime = false};
  const auto only = [&](bool vtlab::render::Parts::*part) {
    Options options{.parts = kNone};
    options.parts.*part = true;
    return options;
  };
  const std::string path = render("table", "creations", only(&vtlab::render::Parts::path));
  CHECK(contains(path, "Creation path"));
  CHECK_FALSE(contains(path, "kernel task_structs created"));
  CHECK_FALSE(contains(path, "What a new task shares"));
  const std::string sharing = render("table", "creations", only(&vtlab::render::Parts::sharing));
  CHECK(contains(sharing, "What a new task shares"));
  CHECK_FALSE(contains(sharing, "Creation path"));
  CHECK_FALSE(contains(render("table", "five-modes"), "Creation path"));
  CHECK_FALSE(contains(render("markdown", "creations", only(&vtlab::render::Parts::ledger)),
                       "Creation path"));
}

TEST_CASE("of scheduling the groups with most time on CPUs stand in full, the rest in a line",
          "[golden]") {
  const std::string table = render("table", "scheduling", {.parts = {.ledger = false}});
  CHECK(contains(table, "java: GC Thread#*: 1 task"));
  CHECK_FALSE(contains(table, "cc1plus"));
  CHECK(contains(table, "and 1 task of other groups"));
  CHECK(contains(table, "! INCOMPLETE virtual: 17 switches were lost"));
  CHECK(contains(table, "not observed: only eBPF sees switches and wake-ups"));
  CHECK(contains(render("csv", "scheduling"), "sched_on_cpu_ns[cc1plus].total"));
  CHECK_FALSE(contains(render("table", "five-modes"), "Scheduling"));
}

TEST_CASE("a timeline says where the kernel did not switch, what is lost, and what it cannot show",
          "[golden]") {
  const std::string table = render("table", "timeline", {.parts = {.ledger = false}});
  CHECK(contains(table, "runs here; the kernel did not switch"));
  CHECK(contains(table, "parks: io read"));
  CHECK(contains(table, "! INCOMPLETE virtual: 17 switches are missing"));
  CHECK(contains(table, "not observed: where units were"));
  CHECK(contains(table, "not observed: only eBPF sees switches and wake-ups"));
  CHECK(contains(render("table", "timeline", {.parts = {.zoom = {{}, {}, 99}}}),
                 "nothing to show: there is no unit 99"));
  CHECK(contains(render("table", "timeline", {.parts = {.zoom = {{1'000'000'000}, {}, {}}}}),
                 "nothing to show: the timeline ends at"));
  CHECK(contains(render("csv", "timeline"), "timeline_lost[switches]"));
}

TEST_CASE("failed creations stand with their error and not among the tasks", "[golden]") {
  const std::string table = render("table", "creations");
  CHECK(contains(table, "└ failed: EAGAIN"));
  CHECK(contains(table, "of 1 task no first run was seen"));
  CHECK(contains(table, "! INCOMPLETE virtual: 2 records were lost"));
  CHECK(contains(table, "not observed: only eBPF sees"));
}

TEST_CASE("a comparison says in words what may be said, and what may not", "[golden]") {
  const std::string table = render("table", "compared", {.width = 200});
  CHECK(contains(table, "fewer kernel tasks than platform, in every run: 2 against 101"));
  CHECK(contains(table, "→ virtual is 3.0–3.1× faster than platform"));
  CHECK(
      contains(table, "? no difference can be shown between fork and platform: the ratio may be"));
  CHECK(contains(table, "Likely cause: other programs used 75 % of the CPUs (mostly 2 %)"));
  CHECK_FALSE(contains(table, "→ fork is"));
}

TEST_CASE("a sweep shows its growth, and which limit stops a mode", "[golden]") {
  const std::string table = render("table", "sweep", {.width = 200});
  CHECK(contains(table, "platform stops before 10,000 units: kernel.pid_max is 4096"));
  CHECK(contains(table, "PARTIAL"));
  CHECK(contains(render("csv", "sweep"), "stops[10000],,,,,,\"kernel.pid_max is 4096"));
}

TEST_CASE("a document that was read and written again renders the same", "[golden]") {
  for (const std::string& name : sample_names()) {
    const std::string again = render("json", name);
    CHECK((render_text("table", again) == render("table", name)));
    CHECK((render_text("csv", again) == render("csv", name)));
  }
}

TEST_CASE("a format that does not exist is not found", "[golden]") {
  CHECK(vtlab::render::find_renderer("xml") == nullptr);
  CHECK(vtlab::render::renderers().size() >= 4);
}

}  // namespace
