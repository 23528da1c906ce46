// Which runtime a mode is run by: JDKs that are a line of shell.
#include "lab/foreign/start.h"
#include "support/fake_jdk.h"

namespace vtlab::test {
namespace {

using lab::ForeignModes;
using lab::ForeignStart;
using lab::RuntimePlaces;

// What is compiled is kept in the test's folder.
class Cache {
 public:
  explicit Cache(const Folder& folder) {
    if (const char* value = std::getenv("XDG_CACHE_HOME")) before_ = value;
    setenv("XDG_CACHE_HOME", folder.path().c_str(), 1);
  }
  ~Cache() {
    if (before_)
      setenv("XDG_CACHE_HOME", before_->c_str(), 1);
    else
      unsetenv("XDG_CACHE_HOME");
  }

 private:
  std::optional<std::string> before_;
};

ForeignModes modes_with(RuntimePlaces places) {
  return {std::move(places), lab::invoking_user()};
}

ForeignStart start(ForeignModes& modes, const std::string& word) {
  const auto meant = modes.modes(word);
  REQUIRE(meant.size() == 1);
  return modes.start(*meant[0]);
}

std::vector<std::string> names(const std::vector<const Mode*>& modes) {
  std::vector<std::string> all;
  for (const Mode* mode : modes) all.emplace_back(mode->name);
  return all;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a mode is run by the first runtime that can, or by the one of its version") {
  const Folder folder;
  const Cache cache(folder);
  RuntimePlaces places;
  places.java_home = make_jdk(folder, "old", "17.0.15");
  for (const char* version : {"21.0.13", "25.0.1"})
    make_jdk(folder, std::string("jvm/") + version, version, kModulesOfJdk, kCompiles);
  places.folders = {folder.path("jvm")};
  ForeignModes modes = modes_with(places);
  CHECK(start(modes, "java-virtual").runtime == "JDK 25.0.1");
  CHECK(start(modes, "java-virtual@25").runtime == "JDK 25.0.1");
  CHECK(start(modes, "java-virtual@21").runtime == "JDK 21.0.13");
  CHECK(start(modes, "java-virtual@21.0").command.front() == folder.path("jvm/21.0.13/bin/java"));
  CHECK(start(modes, "java-virtual@2").why_not ==
        "there is no JDK 2; found: JDK 17.0.15, JDK 25.0.1, JDK 21.0.13");
  CHECK(start(modes, "java-virtual@17").why_not ==
        "JDK 17.0.15 (" + places.java_home + "/bin/java) cannot: virtual threads need JDK 21");
}

TEST_CASE("a foreign mode stands for one of each runtime that is named") {
  const Folder folder;
  RuntimePlaces places;
  places.java = {make_jdk(folder, "a", "21.0.2"), make_jdk(folder, "b", "25.0.1")};
  ForeignModes two = modes_with(places);
  CHECK(names(two.modes("java-virtual")) == Names{"java-virtual@21", "java-virtual@25"});
  CHECK(names(two.modes("go")) == Names{"go"});
  CHECK(names(two.modes("virtual")) == Names{"virtual"});
  CHECK(lab::name_without_version(*two.modes("java-platform")[0]) == "java-platform");
  CHECK(two.modes("java-platform") == two.modes("java-platform"));

  places.java.push_back(make_jdk(folder, "c", "25.0.2"));
  CHECK(names(modes_with(places).modes("java-virtual")) ==
        Names{"java-virtual@21", "java-virtual@25.0.1", "java-virtual@25.0.2"});
}

TEST_CASE("only a foreign mode has versions") {
  ForeignModes modes = modes_with({});
  CHECK(modes.modes("virtual@21").empty());
  CHECK(modes.modes("java-virtual@").empty());
  CHECK(modes.modes("no-mode").empty());
}

TEST_CASE("why a foreign program cannot be started stands in its start, with what to type") {
  const Folder folder;
  const Cache cache(folder);
  ForeignModes without = modes_with({});
  const ForeignStart none = start(without, "go");
  CHECK(none.why_not == lab::why_none(Language::go, {}));
  CHECK(none.type == lab::how_to_get(Language::go));

  RuntimePlaces places;
  places.java_home = make_jdk(folder, "broken", "25.0.1", kModulesOfJdk, "echo so; exit 1\n");
  ForeignModes broken = modes_with(places);
  CHECK(start(broken, "java-virtual").why_not == "cannot compile our program for JDK 25.0.1: so");
}

TEST_CASE("a runtime is looked for only if the scenario is written in its language") {
  lab::Request request;
  request.scenario = find_scenario("spawn-join");
  request.modes = {find_mode("virtual"), find_mode("go")};
  ForeignModes modes = modes_with({});
  lab::add_foreign(request, modes);
  CHECK(request.foreign.size() == 1);
  request.foreign.clear();
  request.scenario = find_scenario("clone-flags");
  lab::add_foreign(request, modes);
  CHECK(request.foreign.empty());
}

}  // namespace vtlab::test
