// Finding JDKs and Go: homes that are made up of a file or two, in a folder of the test.
#include "lab/error.h"
#include "lab/foreign/runtimes.h"
#include "support/fake_jdk.h"

namespace vtlab::test {
namespace {

using lab::find_runtimes;
using lab::ForeignRuntime;
using lab::RuntimePlaces;

std::string make_go(const Folder& folder, const std::string& home, const std::string& version) {
  folder.write(home + "/bin/go", "#!/bin/sh\nexit 99\n", 0755);
  folder.write(home + "/VERSION", "go" + version + "\ntime 2025-05-29T19:37:36Z\n");
  return folder.path(home);
}

std::vector<ForeignRuntime> jdks(const RuntimePlaces& places) {
  return find_runtimes(Language::java, places, lab::invoking_user());
}

std::vector<ForeignRuntime> gos(const RuntimePlaces& places) {
  return find_runtimes(Language::go, places, lab::invoking_user());
}

std::vector<std::string> names(const std::vector<ForeignRuntime>& found) {
  std::vector<std::string> all;
  for (const ForeignRuntime& runtime : found)
    all.push_back(runtime.name() + " by " + runtime.found_by);
  return all;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("JDKs are found in the order of trust, and within a folder the newest first") {
  const Folder folder;
  RuntimePlaces places;
  places.java_home = make_jdk(folder, "home", "23.0.1");
  places.path = folder.path("nothing") + ":" + make_jdk(folder, "path", "22") +
                "/bin:" + make_jdk(folder, "later", "24") + "/bin";
  make_jdk(folder, "jvm/a", "21.0.13.1");
  make_jdk(folder, "jvm/b", "25.0.5.1");
  places.folders = {folder.path("jvm")};
  make_jdk(folder, "fetched/jdk-26", "26");
  make_go(folder, "fetched/go-1.24", "1.24.4");
  places.fetched = folder.path("fetched");
  CHECK(names(jdks(places)) ==
        Names{"JDK 23.0.1 by JAVA_HOME", "JDK 22 by PATH", "JDK 25.0.5.1 by " + folder.path("jvm"),
              "JDK 21.0.13.1 by " + folder.path("jvm"), "JDK 26 by ./vtlabw runtimes"});
  CHECK(names(gos(places)) == Names{"Go 1.24.4 by ./vtlabw runtimes"});
}

TEST_CASE("a runtime that is reached in several ways is found once, by its home without links") {
  const Folder folder;
  const std::string home = make_jdk(folder, "jvm/jdk-25", "25");
  std::filesystem::create_directory_symlink(home, folder.path("jvm/default"));
  std::filesystem::create_directory(folder.path("bin"));
  std::filesystem::create_symlink(home + "/bin/java", folder.path("bin/java"));
  RuntimePlaces places;
  places.path = folder.path("bin");
  places.folders = {folder.path("jvm")};
  const auto found = jdks(places);
  REQUIRE(names(found) == Names{"JDK 25 by PATH"});
  CHECK(found[0].home == home);
  CHECK(found[0].program == home + "/bin/java");
}

TEST_CASE("a runtime that is named is the only one, be it named by its home or its program") {
  const Folder folder;
  RuntimePlaces places;
  places.java_home = make_jdk(folder, "home", "23");
  places.java = {make_jdk(folder, "one", "21.0.2"), make_jdk(folder, "two", "25") + "/bin/java"};
  places.go = {make_go(folder, "go", "1.25rc1")};
  CHECK(names(jdks(places)) == Names{"JDK 21.0.2 by --java", "JDK 25 by --java"});
  const auto found = gos(places);
  REQUIRE(names(found) == Names{"Go 1.25rc1 by --go"});
  CHECK(found[0].major == 25);
}

TEST_CASE("a word that names no runtime is refused with the reason") {
  const Folder folder;
  std::filesystem::create_directory(folder.path("empty"));
  const auto why = [](const RuntimePlaces& places) {
    try {
      jdks(places);
    } catch (const lab::Error& error) {
      CHECK(error.code == lab::ExitCode::usage);
      return error.what_failed + ": " + error.why.at(0);
    }
    return std::string("not refused");
  };
  RuntimePlaces places;
  places.java = {folder.path("missing")};
  CHECK(why(places) == "--java " + places.java[0] + " is no JDK: " + places.java[0] +
                           ": No such file or directory");
  places.java = {folder.path("empty")};
  CHECK(why(places) == "--java " + places.java[0] + " is no JDK: there is no bin/java in it");
}

TEST_CASE("what was found and cannot be used says why") {
  const Folder folder;
  const auto why_not = [](const std::string& home) {
    RuntimePlaces places;
    places.java_home = home;
    const auto found = jdks(places);
    return found.empty() ? "not found" : found[0].why_not;
  };
  CHECK(why_not(make_jdk(folder, "old", "17.0.15")) == "virtual threads need JDK 21");
  CHECK(why_not(make_jdk(folder, "ancient", "1.8.0_392")) == "virtual threads need JDK 21");
  CHECK(why_not(make_jdk(folder, "jre", "21", "MODULES=\"java.base\"\n")) ==
        "it has no compiler (module jdk.compiler), so a JDK is needed");
  CHECK(why_not(make_jdk(folder, "unknown", "21", "")).empty());
  folder.write("locked/bin/java", "", 0644);
  CHECK(why_not(folder.path("locked")) == folder.path("locked/bin/java") + ": Permission denied");
}

TEST_CASE("a JDK without a release file is asked, and may be elsewhere than its program") {
  const Folder folder;
  const std::string home = make_jdk(folder, "real", "25.0.1");
  folder.write("real/lib/server/libjvm.so", "");
  RuntimePlaces places;
  places.path = folder.path("shims");
  folder.write("shims/java",
               "#!/bin/sh\necho 'Property settings:'\necho '    java.home = " + home +
                   "'\necho '    java.version = 25.0.1'\necho '    java.version.date = 2026'\n",
               0755);
  const auto found = jdks(places);
  REQUIRE(names(found) == Names{"JDK 25.0.1 by PATH"});
  CHECK(found[0].home == home);
  CHECK(found[0].libjvm == home + "/lib/server/libjvm.so");
  CHECK(found[0].why_not.empty());
}

TEST_CASE("a JDK that fails to say its version is shown with its own words") {
  const Folder folder;
  RuntimePlaces places;
  places.java_home = folder.path("broken");
  folder.write("broken/bin/java", "#!/bin/sh\necho 'libjli.so is not here' >&2\nexit 1\n", 0755);
  const auto found = jdks(places);
  REQUIRE(found.size() == 1);
  CHECK(found[0].name() == "JDK of unknown version");
  CHECK(found[0].why_not == "it does not say its version: libjli.so is not here");
}

TEST_CASE("why there is no JDK names those that are too old") {
  const Folder folder;
  RuntimePlaces places;
  places.java_home = make_jdk(folder, "old", "17.0.15");
  CHECK(lab::why_none(Language::java, jdks(places))
            .find("; JDK 17.0.15 (JAVA_HOME) cannot: virtual threads need JDK 21") !=
        std::string::npos);
}

}  // namespace vtlab::test
