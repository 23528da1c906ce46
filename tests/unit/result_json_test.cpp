// result_json_test.cpp — the document and back, and what the reader says about documents that are
// wrong.
#include <limits>
#include <string>

#include "result/result_json.h"
#include "support/catch.h"

namespace {

using namespace vtlab::result;

ResultSet full_set() {
  Result r;
  r.scenario = "blocking-io";
  r.mode = "virtual";
  r.mode_title = "virtual threads on carriers (M:N)";
  r.partial = true;
  r.partial_because = "interrupted";
  r.observer = "ebpf";
  r.params = {
      {"tasks", std::uint64_t{1009}}, {"command", "a \"b\"\n"}, {"carriers", std::uint64_t{2}}};
  r.kernel_tasks = 3;
  r.ledger = {{"start-carrier", "start carrier", 2, 2}, {"unattributed", "unattributed", 1, {}}};
  r.wall_ns = 18446744073709551615u;
  r.metrics = {{"z_first", "first", "count", "the log", 2.5, 1.0, 4.0, ""},
               {"a_second", "second", "ns", "", {}, {}, {}, "needs eBPF"}};
  r.claims = {{"exist.virtual", "says", Verdict::refuted, "so"},
              {"gain.stack", "", Verdict::not_testable_here, "why"},
              {"gain.creation", "says", Verdict::holds, "so"}};
  r.probes = {{"new_task",
               "which",
               "tp_btf",
               "task_newtask",
               "one task",
               3,
               0,
               {{"fentry", "copy_process", "EPERM"}}},
              {"", "who", "", "", "", {}, {}, {}}};
  r.lost_events = 7;
  Creation made;
  made.action = "fork";
  made.unit = 4;
  made.asked_by = "clone";
  made.flags = 0x100;
  made.flag_names = "CLONE_VM";
  made.creator = 11;
  made.tid = 12;
  made.tgid = 12;
  made.time_ns = {1, {}, 2, 3, 4, 5};
  made.sharing = {Share::shared, Share::own,    Share::own,  Share::own,
                  Share::own,    Share::shared, Share::none, Share::unknown};
  made.task = NewTask{10, 0xffffc90000a4c000, 16384, "SCHED_FIFO", -5, 49, 2};
  Creation failed;
  failed.action = "unattributed";
  failed.asked_by = "clone3";
  failed.error = "EAGAIN";
  failed.creator = 11;
  failed.time_ns[0] = 6;
  r.details.creations = {
      Creations{{{"copy_process", "tp_btf", "task_newtask"}}, {made, failed}, 3, "lost"},
      "no reason at all"};
  r.repetitions = {{10, 1009, 3}, {20, 1009, {}}};
  ResultSet set;
  set.host = {"6.18.5", "x86_64", "Debian", 2, 1u << 30, "0.1.0", "2026-11-22T03:14:15Z"};
  set.partial = true;
  set.notes = {"a note"};
  set.results = {r};
  set.skipped = {{"blocking-io", "go", "no go"}};
  set.claims = {{"path.not-per-unit", "says", Verdict::holds, "so"}};
  return set;
}

// The reader's complaint about the full document after one text in it was replaced.
std::string complaint_after(const std::string& from, const std::string& to) {
  std::string json = to_json(full_set());
  const std::size_t at = json.find(from);
  REQUIRE(at != std::string::npos);
  json.replace(at, from.size(), to);
  try {
    from_json(json);
  } catch (const SchemaError& error) {
    return error.what();
  }
  return "none";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a result set that is written and read is written again byte for byte", "[result]") {
  const std::string json = to_json(full_set());
  CHECK(to_json(from_json(json)) == json);
}

TEST_CASE("every field of a result set survives writing and reading", "[result]") {
  const ResultSet set = from_json(to_json(full_set()));
  const Result& r = set.results.at(0);
  CHECK(set.partial);
  CHECK(set.host.memory_bytes == 1u << 30);
  CHECK(set.notes.at(0) == "a note");
  CHECK(set.skipped.at(0).because == "no go");
  CHECK(set.claims.at(0).id == "path.not-per-unit");
  CHECK(r.partial_because == "interrupted");
  CHECK(r.params.at(0).key == "tasks");
  CHECK(std::get<std::uint64_t>(r.params.at(0).value) == 1009);
  CHECK(std::get<std::string>(r.params.at(1).value) == "a \"b\"\n");
  CHECK(r.kernel_tasks == 3u);
  CHECK(r.ledger.at(0).sharing_mm == 2u);
  CHECK_FALSE(r.ledger.at(1).sharing_mm.has_value());
  CHECK(r.wall_ns == 18446744073709551615u);
  CHECK(r.metrics.at(0).key == "z_first");
  CHECK(r.metrics.at(0).high == 4.0);
  CHECK(r.metrics.at(1).missing_because == "needs eBPF");
  CHECK(r.claims.at(1).verdict == Verdict::not_testable_here);
  CHECK(r.probes.at(0).tried.at(0).because == "EPERM");
  CHECK(r.probes.at(0).recursion_misses == 0u);
  CHECK_FALSE(r.probes.at(1).count.has_value());
  CHECK(r.lost_events == 7);
  REQUIRE(r.details.creations.value.has_value());
  CHECK(r.details.creations.value->lost == 3);
  CHECK(r.details.creations.value->stages.at(0).hook == "task_newtask");
  const Creation& made = r.details.creations.value->records.at(0);
  CHECK(made.unit == 4u);
  CHECK(made.flags == 0x100u);
  CHECK_FALSE(made.time_ns[1].has_value());
  CHECK(made.time_ns[5] == 5u);
  CHECK(made.sharing[5] == Share::shared);
  CHECK(made.sharing[7] == Share::unknown);
  CHECK(made.task.value().kernel_stack == 0xffffc90000a4c000);
  CHECK(made.task.value().nice == -5);
  CHECK(r.details.creations.value->records.at(1).error == "EAGAIN");
  CHECK_FALSE(r.details.creations.value->records.at(1).task.has_value());
  CHECK_FALSE(r.repetitions.at(1).kernel_tasks.has_value());
}

TEST_CASE("what was not observed is a missing key with a reason, neither null nor 0", "[result]") {
  ResultSet set = full_set();
  set.results[0].kernel_tasks.reset();
  set.results[0].ledger.clear();
  set.results[0].kernel_tasks_missing_because = "nobody looked";
  const std::string json = to_json(set);
  CHECK_FALSE(contains(json, "null"));
  CHECK(contains(json, "\"kernel_tasks_missing_because\": \"nobody looked\""));
  CHECK_FALSE(from_json(json).results[0].kernel_tasks.has_value());
}

TEST_CASE("a metric that is not a finite number is written as not observed", "[result]") {
  ResultSet set = full_set();
  set.results[0].metrics[0].value = std::numeric_limits<double>::quiet_NaN();
  const Metric metric = from_json(to_json(set)).results[0].metrics[0];
  CHECK_FALSE(metric.value.has_value());
  CHECK(metric.missing_because == "the measurement gave no finite number");
}

TEST_CASE("an absent value whose reason was forgotten can still be read back", "[result]") {
  ResultSet set = full_set();
  set.results[0].metrics[1].missing_because.clear();
  CHECK(from_json(to_json(set)).results[0].metrics[1].missing_because == "no reason was recorded");
}

TEST_CASE("bytes that are not UTF-8 do not stop a result from being saved", "[result]") {
  ResultSet set = full_set();
  set.results[0].params[1].value = std::string("caf\xe9");
  const ResultSet again = from_json(to_json(set));
  CHECK(std::get<std::string>(again.results[0].params[1].value) == "caf\uFFFD");
}

TEST_CASE("keys of a later vtlab are ignored", "[result]") {
  CHECK(complaint_after("\"lost_events\": 7", "\"lost_events\": 7, \"new\": {\"x\": [null]}") ==
        "none");
}

TEST_CASE("a newer schema is refused by naming both numbers", "[result]") {
  const std::string complaint = complaint_after("vtlab.results/1", "vtlab.results/2");
  CHECK(contains(complaint, "\"vtlab.results/2\" is newer than this vtlab"));
  CHECK(contains(complaint, "\"vtlab.results/1\""));
}

TEST_CASE("a document of another kind is refused as such", "[result]") {
  CHECK(contains(complaint_after("vtlab.results/1", "vtlab.bench/1"), "not a results file"));
  CHECK(contains(complaint_after("vtlab.results/1", "vtlab.results/one"),
                 "expected \"vtlab.results/1\""));
}

TEST_CASE("a wrong value is refused by its place, what was expected and what was found",
          "[result]") {
  CHECK(complaint_after("\"lost_events\": 7", "\"lost_events\": \"7\"") ==
        "results[0].lost_events: expected a whole number that is not negative, found \"7\"");
  CHECK(complaint_after("\"lost_events\": 7", "\"lost_events\": -7") ==
        "results[0].lost_events: expected a whole number that is not negative, found -7");
  CHECK(complaint_after("\"lost_events\": 7", "\"lost_evens\": 7") ==
        "results[0]: the key \"lost_events\" is missing");
  CHECK(complaint_after("\"value\": 2.5", "\"value\": null") ==
        "results[0].metrics.z_first.value: expected a number, found null");
  CHECK(complaint_after("\"value\": 2.5,", "") ==
        "results[0].metrics.z_first: expected either \"value\" or \"missing_because\", found "
        "neither");
  CHECK(
      complaint_after("\"verdict\": \"refuted\"", "\"verdict\": \"true\"") ==
      "results[0].claims[0].verdict: expected holds, refuted or not-testable-here, found \"true\"");
  CHECK(complaint_after("\"tasks\": 1009", "\"tasks\": 10.5") ==
        "results[0].params.tasks: expected a string or a whole number that is not negative, found "
        "10.5");
  CHECK(complaint_after("\"notes\": [", "\"notes\": [{},") ==
        "notes[0]: expected a string, found {}");
  CHECK(complaint_after("\"cpus\": 2", "\"cpus\": 99999999999") ==
        "host.cpus: no machine has that many CPUs");
}

TEST_CASE("a wrong record of a creation is refused by its place", "[result]") {
  const std::string at = "results[0].creations.records[0].";
  CHECK(complaint_after("\"mm\": \"shared\"", "\"mm\": \"both\"") ==
        at + "sharing.mm: expected own, shared or none, found \"both\"");
  CHECK(contains(complaint_after("0xffffc90000a4c000", "0xzz"), at + "kernel_stack: expected an"));
  CHECK(contains(complaint_after("\"asked_by\": \"clone\",", ""), "\"asked_by\" is missing"));
}

TEST_CASE("a text that is not JSON is refused with the place of the mistake", "[result]") {
  CHECK_THROWS_WITH(from_json("{\"schema\": }"),
                    Catch::Matchers::StartsWith("not JSON: parse error at line 1"));
  CHECK_THROWS_WITH(from_json(""), Catch::Matchers::StartsWith("not JSON: "));
  CHECK_THROWS_WITH(from_json("[]"), "the document: expected an object, found []");
  CHECK_THROWS_AS(from_json("{\"schema\": 1e999}"), SchemaError);
}

}  // namespace
