// observed_test.cpp — facts of an observation → document and table: what is absent says why, what was
// lost is said first.
#include <algorithm>
#include <sstream>

#include "lab/watch_summary.h"
#include "render/format.h"
#include "render/observed.h"
#include "support/catch.h"

namespace vtlab::test {
namespace {

using lab::TaskTree;

result::ProbeNote note(const char* counter, const char* rung, std::uint64_t count) {
  result::ProbeNote probe;
  probe.counter = counter;
  probe.question = "who";
  probe.rung = rung;
  probe.hook = "a hook";
  probe.count = count;
  return probe;
}

lab::Watched seven_tasks(const char* kernel_clone_rung, std::uint64_t requests) {
  lab::Watched watched;
  watched.kernel.kernel_tasks = 7;
  watched.kernel.by_action = {{7, 3}};
  watched.kernel.switches = 70;
  watched.kernel.exits = 8;
  watched.kernel.peak_alive = 4;
  watched.kernel.probes = {note("kernel_clone", kernel_clone_rung, requests),
                           note("exits", "tracepoint", 8)};
  watched.wall_ns = 1'500'000;
  return watched;
}

lab::WatchRequest request_of(std::vector<std::string> command) {
  lab::WatchRequest request;
  request.command = std::move(command);
  return request;
}

const result::Metric& metric(const result::Observed& observed, std::string_view key) {
  const auto found = std::find_if(observed.counts.begin(), observed.counts.end(),
                                  [&](const result::Metric& m) { return m.key == key; });
  REQUIRE(found != observed.counts.end());
  return *found;
}

result::Observed summary(const lab::Watched& watched, const TaskTree* tree) {
  return lab::summarize(request_of({"sh", "-c", "a b"}), watched, tree, {});
}

TaskTree small_tree() {
  TaskTree tree;
  tree.begin_with(10, {10});
  for (std::uint32_t pid = 11; pid < 18; ++pid) {
    probes::Event event;
    event.kind = probes::EventKind::started;
    event.tid = event.tgid = pid;
    event.by_tid = 10;
    tree.take(event);
  }
  tree.name_the_living([](std::uint32_t tgid) { return tgid == 10 ? "boss" : "crew\033[31m"; });
  return tree;
}

}  // namespace

TEST_CASE("requests that made no task are counted on a rung that probes the function") {
  const TaskTree tree = small_tree();
  CHECK(metric(summary(seven_tasks("kprobe", 9), &tree), "requests_without_task").value == 2.0);
  const auto on_tracepoint = summary(seven_tasks("tp_btf", 7), &tree);
  CHECK_FALSE(metric(on_tracepoint, "requests_without_task").value);
  CHECK_FALSE(metric(on_tracepoint, "requests_without_task").missing_because.empty());
  CHECK_FALSE(metric(summary(seven_tasks("fentry", 5), &tree), "requests_without_task").value);
}

TEST_CASE("a lost event takes away what rests on events and nothing else") {
  const TaskTree tree = small_tree();
  lab::Watched watched = seven_tasks("tp_btf", 7);
  watched.kernel.lost_events = 3;
  watched.kernel.peak_alive.reset();
  const auto observed = summary(watched, &tree);
  CHECK(metric(observed, "kernel_tasks").value == 7.0);
  CHECK(metric(observed, "switches").value == 70.0);
  for (const char* key : {"threads", "processes", "most_alive"})
    CHECK(metric(observed, key).missing_because == "3 events were lost");
  CHECK(observed.processes.empty());
  CHECK(observed.processes_missing_because == "3 events were lost");
}

TEST_CASE("evidence that was lost is said before the numbers") {
  const TaskTree tree = small_tree();
  lab::Watched watched = seven_tasks("tp_btf", 7);
  watched.kernel.void_because = "the kernel skipped 2 runs";
  const std::string table = render::observed_table(summary(watched, &tree), {});
  REQUIRE(table.find("void: the kernel skipped 2 runs") != std::string::npos);
  CHECK(table.find("void:") < table.find("new kernel tasks"));
}

TEST_CASE("siblings of one name are one line, and no name can write to the terminal") {
  const TaskTree tree = small_tree();
  const std::string table = render::observed_table(summary(seven_tasks("tp_btf", 7), &tree), {});
  CHECK(table.find("boss (10)") != std::string::npos);
  CHECK(table.find("×7") != std::string::npos);
  CHECK(table.find('\033') == std::string::npos);
  CHECK(table.starts_with("sh -c 'a b' — observed with ebpf for 1.50 ms"));
}

TEST_CASE("no line is wider than 80 columns, and a redrawn screen no longer than it may be") {
  const TaskTree tree = small_tree();
  auto observed = summary(seven_tasks("tp_btf", 7), &tree);
  observed.command.push_back(std::string(500, 'x'));
  observed.notes = {std::string(300, 'y')};
  for (const bool colour : {false, true}) {
    const render::Palette* palette = colour ? &render::palettes().front() : nullptr;
    std::istringstream table(render::observed_table(observed, {palette, 80, false}));
    for (std::string line; std::getline(table, line);)
      CHECK(render::display_width(line) <= (colour ? 100u : 80u));
  }
  for (const std::size_t most : {10u, 14u, 15u, 24u, 100u}) {
    const std::string screen =
        render::observed_screen(observed, &observed, {most / 4, {.tid = 1, .name = "x"}}, {}, most);
    CHECK(static_cast<std::size_t>(std::count(screen.begin(), screen.end(), '\n')) <= most);
  }
}

TEST_CASE("a screen shows what was added per second") {
  const TaskTree tree = small_tree();
  lab::Watched watched = seven_tasks("tp_btf", 7);
  const auto before = summary(watched, &tree);
  watched.kernel.switches = 170;
  watched.wall_ns += 500'000'000;
  const std::string screen = render::observed_screen(summary(watched, &tree), &before, {}, {}, 30);
  const auto at = screen.find("task switches");
  REQUIRE(at != std::string::npos);
  CHECK(screen.substr(at, screen.find('\n', at) - at).ends_with(" 200"));
}

TEST_CASE("a screen shows who has the CPUs") {
  const TaskTree tree = small_tree();
  const result::Carrier carrier{4321, "worker\033[1m", 'R', 0.984, 0.012, 120.7, 3};
  const std::string screen =
      render::observed_screen(summary(seven_tasks("tp_btf", 7), &tree), nullptr, {carrier}, {}, 30);
  const auto at = screen.find("(4321) R");
  REQUIRE(at != std::string::npos);
  const std::string line = screen.substr(at, screen.find('\n', at) - at);
  for (const char* word : {"98 %", " 1 %", "120"}) CHECK(line.find(word) != std::string::npos);
  CHECK(line.ends_with(" 3"));
  CHECK(screen.find('\033') == std::string::npos);
}

TEST_CASE("a chain of forks deeper than the table is not followed to its end") {
  TaskTree tree;
  tree.begin_with(10, {10});
  for (std::uint32_t pid = 11; pid < 50'000; ++pid) {
    probes::Event event;
    event.kind = probes::EventKind::started;
    event.tid = event.tgid = pid;
    event.by_tid = pid - 1;
    tree.take(event);
  }
  const std::string table = render::observed_table(summary(seven_tasks("tp_btf", 7), &tree), {});
  CHECK(std::count(table.begin(), table.end(), '\n') < 60);
  CHECK(table.find("more processes") != std::string::npos);
}

}  // namespace vtlab::test
