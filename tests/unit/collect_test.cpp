// collect_test.cpp — saved documents as one picture: what belongs together, how it differs, who stands apart.
#include <algorithm>

#include "commands/saved.h"
#include "lab/collect.h"
#include "render/collection.h"
#include "render/collection_words.h"
#include "result/result_json.h"
#include "support/catch.h"

namespace vtlab::test {
namespace {

using lab::SavedDocument;
using result::CollectedMetric;
using result::Collection;

result::Result run(const std::string& scenario, std::uint64_t tasks, std::vector<double> wall_ns) {
  result::Result run;
  run.scenario = scenario;
  run.mode = "virtual";
  run.mode_title = "M:N";
  run.observer = "ebpf";
  run.params = {{"tasks", tasks}, {"carriers", std::uint64_t{2}}, {"seed", std::uint64_t{1}}};
  run.kernel_tasks = 2;
  std::vector<double> sorted = wall_ns;
  std::sort(sorted.begin(), sorted.end());
  run.wall_ns = static_cast<std::uint64_t>(sorted[sorted.size() / 2]);
  for (const double wall : wall_ns)
    run.repetitions.push_back({static_cast<std::uint64_t>(wall), tasks, 2});
  run.claims = {{"exist.virtual", "fewer", result::Verdict::holds, "2 for 101", {}, {}, {}}};
  return run;
}

SavedDocument saved(const std::string& name, std::vector<result::Result> results,
                    const std::string& kernel = "6.1") {
  result::ResultSet set;
  set.host.kernel = kernel;
  set.host.started_at = "2026-11-23T01:49:36Z";
  set.results = std::move(results);
  return {name, name + ".json", std::move(set)};
}

const CollectedMetric& metric(const Collection& collection, const std::string& key,
                              std::size_t group = 0) {
  for (const CollectedMetric& one : collection.groups.at(group).modes.at(0).metrics)
    if (one.key == key) return one;
  FAIL("no metric " << key);
  return collection.groups[0].modes[0].metrics[0];
}

TEST_CASE("the same work on two kernels is one group and the kernels are named") {
  const std::vector<SavedDocument> documents{saved("a", {run("x", 101, {100})}),
                                             saved("b", {run("x", 101, {150})}, "6.12")};
  const Collection all = lab::collect(documents);
  REQUIRE(all.groups.size() == 1);
  REQUIRE(all.differ.size() == 1);
  CHECK(all.differ[0].title == "kernel");
  CHECK(all.differ[0].values == std::vector<std::string>{"6.1", "6.12"});
  const CollectedMetric& wall = metric(all, "wall_ns");
  CHECK(wall.values.at(1).against->ratio == Approx(1.5));
  // One run of each: a ratio, and no difference.
  CHECK(wall.values[1].against->difference == result::Difference::none_shown);
  CHECK_FALSE(wall.values[1].against->because.empty());
  CHECK(render::verdict_sentences(all.groups[0].modes[0], render::names_of(all)).empty());
}

TEST_CASE("repetitions that are all slower show a difference and those that overlap do not") {
  const std::vector<double> fast{100, 101, 102, 103, 104, 105, 106},
      slow{200, 201, 202, 203, 204, 205, 206};
  const std::vector<SavedDocument> apart{saved("a", {run("x", 9, fast)}),
                                         saved("b", {run("x", 9, slow)})};
  const Collection differ = lab::collect(apart);
  CHECK(metric(differ, "wall_ns").values.at(1).against->difference == result::Difference::higher);
  const auto sentences =
      render::verdict_sentences(differ.groups[0].modes[0], render::names_of(differ));
  REQUIRE(sentences.size() == 1);
  CHECK(sentences[0].starts_with("b: wall time "));
  CHECK(sentences[0].ends_with("slower than a"));
  const std::vector<SavedDocument> alike{saved("a", {run("x", 9, fast)}),
                                         saved("b", {run("x", 9, fast)})};
  const Collection same = lab::collect(alike);
  CHECK(metric(same, "wall_ns").values.at(1).against->difference == result::Difference::none_shown);
}

TEST_CASE("other parameters are another group and carriers are not") {
  result::Result other = run("x", 101, {100});
  other.params[1].value = std::uint64_t{8};
  const std::vector<SavedDocument> documents{saved("a", {run("x", 101, {100}), run("y", 5, {1})}),
                                             saved("b", {other, run("x", 102, {100})})};
  const Collection all = lab::collect(documents);
  REQUIRE(all.groups.size() == 3);
  CHECK(all.groups[0].documents == std::vector<std::size_t>{0, 1});
  CHECK(all.differ.at(0).title == "carriers");
  const auto alone = render::alone_sentences(all, render::names_of(all));
  REQUIRE(alone.size() == 2);
  CHECK(alone[0] == "only a has y — 5 units (virtual)");
  CHECK(alone[1] == "only b has x — 102 units (virtual)");
}

TEST_CASE("who is far from all others stands apart by name") {
  std::vector<SavedDocument> documents;
  for (const double wall : {100., 101., 102., 103., 104., 105.})
    documents.push_back(saved("p" + std::to_string(documents.size()), {run("x", 101, {wall})}));
  documents.push_back(saved("bob", {run("x", 101, {190})}));
  const Collection all = lab::collect(documents);
  const CollectedMetric& wall = metric(all, "wall_ns");
  CHECK(wall.least == 100);
  CHECK(wall.median == 103);
  CHECK(wall.most == 190);
  const auto apart = render::apart_sentences(all.groups[0].modes[0], render::names_of(all));
  REQUIRE(apart.size() == 1);
  CHECK(apart[0] == "wall time: bob 190 ns (mostly 103 ns)");
}

TEST_CASE("a claim says on how many documents it holds and who refutes it") {
  std::vector<SavedDocument> documents;
  for (int i = 0; i < 5; ++i)
    documents.push_back(saved("p" + std::to_string(i), {run("x", 1, {1})}));
  auto& claims = std::get<result::ResultSet>(documents[3].document).results[0].claims;
  claims[0].verdict = result::Verdict::refuted;
  claims[0].because = "7 for 101";
  const Collection all = lab::collect(documents);
  const result::CollectedClaim& claim = all.groups[0].modes[0].claims.at(0);
  CHECK(render::verdict_of(claim) == result::Verdict::refuted);
  CHECK(render::claim_sentence(claim, render::names_of(all)) ==
        "holds on 4 of 5; refuted on p3 (7 for 101)");
}

TEST_CASE("what was cut short or void gives no value but a reason") {
  result::Result partial = run("x", 101, {100});
  partial.partial = true;
  partial.partial_because = "interrupted";
  const std::vector<SavedDocument> documents{saved("a", {partial}),
                                             saved("b", {run("x", 101, {5})})};
  const Collection all = lab::collect(documents);
  CHECK_FALSE(metric(all, "wall_ns").values.at(0).value);
  CHECK(metric(all, "wall_ns").values[0].missing_because == "partial: interrupted");
  CHECK(metric(all, "wall_ns").median == 5);
  CHECK_FALSE(metric(all, "wall_ns").values.at(1).against);  // nothing to stand beside
}

TEST_CASE("observations of one command stand side by side and void ones have no counts") {
  result::Observed one;
  one.command = {"make", "-j2"};
  one.observer = "ebpf";
  one.counts = {{"kernel_tasks", "new kernel tasks", "count", {}, 7.0, {}, {}, {}, {}}};
  one.wall_ns = 10;
  result::Observed bad = one;
  bad.void_because = "a probe was skipped";
  const std::vector<SavedDocument> documents{{"a", "a.json", one}, {"b", "b.json", bad}};
  const Collection all = lab::collect(documents);
  REQUIRE(all.groups.size() == 1);
  CHECK(all.groups[0].observed == "make -j2");
  CHECK(metric(all, "kernel_tasks").values.at(0).value == 7);
  CHECK(metric(all, "kernel_tasks").values.at(1).missing_because == "void: a probe was skipped");
}

TEST_CASE("a collection comes back from its document as it went in") {
  std::vector<SavedDocument> documents{saved("a", {run("x", 9, {1, 2, 3})}, "6.1"),
                                       saved("b", {run("x", 9, {4, 5, 6})}, "6.2")};
  Collection all = lab::collect(documents);
  all.left_out = {{"c.json", "the same document as a.json"}};
  all.merged = true;
  const std::string text = render::collection_json(all, {});
  const auto again = std::get<Collection>(result::read_document(text));
  CHECK(render::collection_json(again, {}) == text);
  CHECK(render::collection_table(again, {}) == render::collection_table(all, {}));
}

TEST_CASE("a collection that speaks of a document which is not there is refused") {
  const std::vector<SavedDocument> documents{saved("a", {run("x", 9, {1})}),
                                             saved("b", {run("x", 9, {4})})};
  std::string text = render::collection_json(lab::collect(documents), {});
  const std::string known = "\"document\": 1", unknown = "\"document\": 7";
  text.replace(text.find(known), known.size(), unknown);
  CHECK_THROWS_AS(result::read_document(text), result::SchemaError);
}

TEST_CASE("names of columns are the files without folder and ending and always unique") {
  CHECK(commands::short_names({"x/a.json", "b.json"}) == std::vector<std::string>{"a", "b"});
  CHECK(commands::short_names({"x/a.json", "y/a.json"}) ==
        std::vector<std::string>{"x/a.json", "y/a.json"});
  CHECK(commands::short_names({"a.json", "a.json"}) ==
        std::vector<std::string>{"a.json", "a.json#2"});
}

}  // namespace
}  // namespace vtlab::test
