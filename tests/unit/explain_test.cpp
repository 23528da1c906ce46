// explain_test.cpp — what `vtlab explain` knows, and how it looks.
#include <algorithm>
#include <set>
#include <stdexcept>

#include "explain/embedded.h"
#include "explain/glossary.h"
#include "explain/page.h"
#include "explain/topic_file.h"
#include "lab/metrics.h"
#include "probes/counters.h"
#include "render/format.h"
#include "scenarios/catalogue.h"
#include "support/catch.h"

using namespace vtlab;
using explain::Topic;

namespace {

const std::vector<Topic>& all() {
  static const std::vector<Topic> topics = explain::topics();
  return topics;
}

bool has(std::string_view kind, std::string_view name) {
  return std::any_of(all().begin(), all().end(), [&](const Topic& t) {
    return t.kind == kind && t.name == name && t.text.size() > 20;
  });
}

bool has_file(const std::string& file) {
  const auto texts = explain::embedded();
  return std::any_of(texts.begin(), texts.end(),
                     [&](const auto& text) { return text.file == file; });
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> found;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    found.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return found;
}

// Everything that the command can print.
std::vector<std::string> pages() {
  std::vector<std::string> found{explain::index(all(), "./vtlabw")};
  for (const Topic& topic : all())
    found.push_back(explain::page(explain::find(all(), topic.name), "./vtlabw"));
  return found;
}

}  // namespace

TEST_CASE(
    "explain knows everything that the catalogue has, and each number, probe and action has its "
    "text") {
  for (const Scenario* scenario : scenarios()) {
    CAPTURE(scenario->name);
    CHECK(has("scenario", scenario->name));
    for (const Reported& number : scenario->reports) CHECK(has("column", number.key));
    for (const Claim* claim : scenario->claims) CHECK(has("claim", claim->id));
  }
  for (const Mode* mode : modes()) {
    CAPTURE(mode->name);
    CHECK(has("mode", mode->name));
    for (const Claim* claim : mode->claims) CHECK(has("claim", claim->id));
  }
  for (const lab::MetricKind& column : lab::metric_kinds()) {
    CAPTURE(column.key);
    CHECK(has("column", column.key));
    CHECK(has_file("column/" + column.key + ".txt"));
  }
  for (const probes::CounterText& counter : probes::kCounters) {
    CAPTURE(counter.id);
    CHECK(has("probe", counter.id));
    CHECK(has_file("probe/" + std::string(counter.id) + ".txt"));
  }
  for (const ActionText& action : action_texts()) {
    CAPTURE(action.key);
    CHECK(has("action", action.key));
    CHECK(has_file("action/" + std::string(action.key) + ".txt"));
  }
}

TEST_CASE("a topic has a title or is a word, has a text, and everything to see also exists") {
  for (const Topic& topic : all()) {
    CAPTURE(topic.kind, topic.name);
    CHECK((topic.kind == "word" || !topic.title.empty()));
    CHECK_FALSE(topic.text.empty());
    for (const std::string& other : topic.see) {
      CAPTURE(other);
      CHECK_FALSE(explain::find(all(), other).empty());
      CHECK(other != topic.name);
    }
    for (const explain::Place& place : topic.kernel)
      CHECK(place.file.find('/') != std::string::npos);
  }
}

TEST_CASE("two topics of one kind do not share a name") {
  std::set<std::string> seen;
  for (const Topic& topic : all()) {
    CAPTURE(topic.kind, topic.name);
    if (topic.kind != "word") CHECK(seen.insert(topic.kind + "/" + topic.name).second);
  }
}

TEST_CASE("no page of explain is wider than 80 columns") {
  for (const std::string& page : pages()) {
    for (const std::string& line : lines(page)) {
      CAPTURE(line);
      CHECK(render::display_width(line) <= 80);
      CHECK((line.empty() || line.back() != ' '));
    }
  }
}

TEST_CASE("every sign that explain draws with has a twin in ASCII") {
  for (const std::string& page : pages()) {
    const std::string plain = render::to_ascii(page);
    CAPTURE(plain);
    CHECK(std::all_of(plain.begin(), plain.end(), [](unsigned char c) { return c < 0x80; }));
    CHECK(std::count(plain.begin(), plain.end(), '?') == std::count(page.begin(), page.end(), '?'));
  }
}

TEST_CASE("names are found whatever their case and dashes, and a name goes before another name") {
  CHECK(explain::find(all(), "Spawn_Join").front().name == "spawn-join");
  CHECK(explain::find(all(), "kernel switches per unit").front().name == "switches_per_unit");
  CHECK(explain::find(all(), "no such thing").empty());
  const auto fork = explain::find(all(), "fork");
  std::set<std::string> kinds;
  for (const Topic& topic : fork) kinds.insert(topic.kind);
  CHECK(kinds == std::set<std::string>{"word", "mode", "action"});
  CHECK(fork.front().kind == "word");
}

TEST_CASE(
    "a glossary entry becomes a word without marks, with the document that its link leads to") {
  const auto words = explain::read_glossary(
      "# Glossary\n\nEvery *word*.\n\n**park, unpark** — A *vthread* waits "
      "(`--show`,\n[x](y.md)).\n\n**end** — Z.\n");
  REQUIRE(words.size() == 2);
  CHECK(words[0].name == "park");
  CHECK(words[0].also == std::vector<std::string>{"unpark"});
  CHECK(words[0].text == "A vthread waits (--show, docs/y.md).\n");
  CHECK(words[1].name == "end");
}

TEST_CASE("a file of a topic is a header and a text, and a key that does not exist is an error") {
  const Topic topic = explain::read_topic("kernel/x-y.txt",
                                          "title: a b\nalso: c, d e\nkernel: f | g/h.c | does "
                                          "i\ntry: list\nsee: j\n\nText.\n\n    +--+\n");
  CHECK(topic.name == "x-y");
  CHECK(topic.kind == "kernel");
  CHECK(topic.also == std::vector<std::string>{"c", "d e"});
  REQUIRE(topic.kernel.size() == 1);
  CHECK(topic.kernel[0].file == "g/h.c");
  CHECK(topic.text == "Text.\n\n    +--+\n");
  const std::string page = explain::page({topic}, "vtlab");
  CHECK(page ==
        "x-y — a b (in the kernel)\n\nText.\n\n    +--+\n\nKernel functions\n  f  g/h.c  does "
        "i\n\nTo see it\n"
        "  vtlab list\n\nSee also j\n");
  CHECK_THROWS_AS(explain::read_topic("kernel/x.txt", "titel: a\n\nText.\n"), std::runtime_error);
  CHECK_THROWS_AS(explain::read_topic("kernel/x.txt", "kernel: a b\n\nText.\n"),
                  std::runtime_error);
}
