// Compiling programs of other languages: with compilers that are a few lines of shell, and with the real ones.
#include <sys/file.h>

#include <fcntl.h>
#include <thread>

#include "lab/error.h"
#include "lab/fd.h"
#include "lab/foreign/as_user.h"
#include "lab/foreign/program.h"
#include "support/fake_jdk.h"
#include "support/require.h"

namespace vtlab::test {
namespace {

using lab::foreign_program;
using lab::ForeignRuntime;
using lab::SourceFile;

constexpr SourceFile kHello[] = {
    {"Main.java", R"(package vtlab;
public final class Main {
    public static void main(String[] words) { System.out.println(Greeting.TEXT + words[0]); }
})"},
    {"Greeting.java",
     "package vtlab;\nfinal class Greeting { static final String TEXT = \"hello \"; }\n"}};

constexpr SourceFile kHelloGo[] = {
    {"main.go", "package main\nimport \"os\"\nfunc main() { println(\"hello \" + os.Args[1]) }\n"},
    {"go.mod", "module hello\n\ngo 1.19\n"}};

// A JDK whose compiler notes each call and then does as told.
ForeignRuntime shell_jdk(const Folder& folder, const std::string& then,
                         const std::string& version = "25.0.1") {
  ForeignRuntime jdk;
  jdk.home = make_jdk(folder, "jdk", version, kModulesOfJdk,
                      "echo \"$@\" >>'" + folder.path("calls") + "'\n" + then);
  jdk.program = jdk.home + "/bin/java";
  jdk.version = version;
  return jdk;
}

std::size_t calls(const Folder& folder) {
  const std::string text = folder.read("calls");
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

std::vector<std::string> build(const ForeignRuntime& runtime, const Folder& folder,
                               std::span<const SourceFile> sources = kHello) {
  return foreign_program(runtime, sources, lab::invoking_user(), folder.path("cache"));
}

lab::Error failure(const ForeignRuntime& runtime, const Folder& folder) {
  try {
    build(runtime, folder);
  } catch (const lab::Error& error) {
    return error;
  }
  return {lab::ExitCode::done, "nothing failed"};
}

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

std::size_t entries(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

const ForeignRuntime* real(Language language, const std::vector<ForeignRuntime>& found) {
  for (const ForeignRuntime& runtime : found)
    if (runtime.language == language && runtime.why_not.empty()) return &runtime;
  return nullptr;
}

}  // namespace

TEST_CASE("a foreign program is compiled once, and again for another version or other sources") {
  const Folder folder;
  const ForeignRuntime jdk = shell_jdk(folder, kCompiles);
  const auto words = build(jdk, folder);
  REQUIRE(words.size() > 3);
  CHECK(words.front() == jdk.program);
  CHECK(words.back() == "vtlab.Main");
  const std::string classes = words[words.size() - 2];
  CHECK(std::filesystem::exists(classes + "/Main.class"));
  CHECK(build(jdk, folder) == words);
  CHECK(calls(folder) == 1);

  build(shell_jdk(folder, kCompiles, "25.0.2"), folder);
  CHECK(calls(folder) == 2);
  constexpr SourceFile kOther[] = {{"Main.java", "other"}};
  build(jdk, folder, kOther);
  CHECK(calls(folder) == 3);
}

TEST_CASE("the compiler's own words are shown, and what it failed at is not kept") {
  const Folder folder;
  const auto error =
      failure(shell_jdk(folder, "echo 'Main.java:3: error: no such thing' >&2; exit 1"), folder);
  CHECK(error.code == lab::ExitCode::machine_cannot);
  CHECK(error.what_failed == "cannot compile our program for JDK 25.0.1");
  CHECK(joined(error.why) == "Main.java:3: error: no such thing\n");
  build(shell_jdk(folder, kCompiles), folder);
  CHECK(calls(folder) == 2);
}

TEST_CASE("a compiler that is killed, or cannot be started, is a failure that says so") {
  const Folder folder;
  CHECK(joined(failure(shell_jdk(folder, "kill -9 $$"), folder).why) ==
        "the compiler was ended by signal 9\n");
  ForeignRuntime jdk = shell_jdk(folder, kCompiles);
  jdk.program = folder.path("missing");
  CHECK(joined(failure(jdk, folder).why) == jdk.program + ": No such file or directory\n");
}

TEST_CASE("what an interrupted compiler left is not taken for a program") {
  const Folder folder;
  const ForeignRuntime jdk = shell_jdk(folder, kCompiles);
  build(jdk, folder);
  for (const auto& entry : std::filesystem::directory_iterator(folder.path("cache")))
    if (entry.is_directory()) {
      std::filesystem::rename(entry.path(), entry.path().string() + ".part");
      break;
    }
  build(jdk, folder);
  CHECK(calls(folder) == 2);
  CHECK(entries(folder.path("cache")) == 2);  // the program and its lock
}

TEST_CASE("two that want the same program at once compile it once") {
  const Folder folder;
  // Whoever compiles waits until the other has begun, too: that one must then be waiting for the lock.
  const ForeignRuntime jdk = shell_jdk(folder, kCompiles);
  std::atomic<int> told = 0;
  std::vector<std::string> words[2];
  const lab::User user = lab::invoking_user();  // getpwuid(3) is for one thread at a time
  {
    std::vector<std::jthread> threads;
    for (auto& mine : words)
      threads.emplace_back([&] {
        mine =
            foreign_program(jdk, kHello, user, folder.path("cache"), [&](const std::string& what) {
              if (what.empty()) return;
              ++told;
              while (told < 2) std::this_thread::yield();
            });
      });
  }
  CHECK(words[0] == words[1]);
  CHECK(calls(folder) == 1);
}

TEST_CASE("a cache that cannot be written is named with the system's reason and what to type") {
  const Folder folder;
  folder.write("cache", "a file");
  const auto error = failure(shell_jdk(folder, kCompiles), folder);
  CHECK(joined(error.why).find("Not a directory") != std::string::npos);
  CHECK(joined(error.type).find("XDG_CACHE_HOME=") != std::string::npos);
  CHECK(calls(folder) == 0);
}

TEST_CASE("real Java sources run after they are compiled") {
  const auto found = lab::find_runtimes(Language::java, lab::usual_places(), lab::invoking_user());
  const ForeignRuntime* jdk = real(Language::java, found);
  VTLAB_NEEDS(jdk, lab::why_none(Language::java, found));
  const Folder folder;
  auto words = build(*jdk, folder);
  words.emplace_back("world");
  const lab::User user = lab::invoking_user();
  const lab::Said said = lab::as_user(user, [&] {
    return lab::run({words, lab::plain_environment(user)});
  });
  CHECK(said.text == "hello world\n");
  CHECK(said.status == 0);
}

TEST_CASE("real Go sources run after they are compiled") {
  const auto found = lab::find_runtimes(Language::go, lab::usual_places(), lab::invoking_user());
  const ForeignRuntime* go = real(Language::go, found);
  VTLAB_NEEDS(go, lab::why_none(Language::go, found));
  const Folder folder;
  auto words = build(*go, folder, kHelloGo);
  REQUIRE(words.size() == 1);
  words.emplace_back("world");
  const lab::User user = lab::invoking_user();
  const lab::Said said = lab::as_user(user, [&] {
    return lab::run({words, lab::plain_environment(user)});
  });
  CHECK(said.text == "hello world\n");
}

TEST_CASE("our own programs of other languages are built into vtlab") {
  const auto has = [](Language language, std::string_view name) {
    const auto sources = lab::foreign_sources(language);
    return std::any_of(sources.begin(), sources.end(),
                       [&](const SourceFile& source) { return source.name == name; });
  };
  CHECK(has(Language::java, "Main.java"));
  CHECK(has(Language::go, "main.go"));
  CHECK(has(Language::go, "go.mod"));
}

}  // namespace vtlab::test
