#include "lab/foreign/program.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

#include "lab/error.h"
#include "lab/foreign/as_user.h"

namespace vtlab::lab {
namespace {

namespace fs = std::filesystem;

constexpr SourceFile kJava[] = {
#include "java_sources.inc"
};
constexpr SourceFile kGo[] = {
#include "go_sources.inc"
};

// What the program needs of its JVM: descriptors that were opened for it (docs/child-protocol.md), those of its
// sockets (Pin.java), and no file in /tmp that other tools would list it by.
constexpr const char* kJavaOptions[] = {"--add-opens=java.base/java.io=ALL-UNNAMED",
                                        "--add-opens=java.base/java.net=ALL-UNNAMED",
                                        "-XX:-UsePerfData"};
constexpr int kCompilerFailed = 1;

// FNV-1a of 64 bits: names what was compiled, guards against nobody.
class Hash {
 public:
  Hash& add(std::string_view text) {
    for (const char c : text) mix(static_cast<unsigned char>(c));
    mix(0x100);  // no character: "a","b" is not "ab"
    return *this;
  }
  std::string text() const {
    char digits[17];
    std::snprintf(digits, sizeof(digits), "%016" PRIx64, value_);
    return digits;
  }

 private:
  void mix(std::uint64_t value) { value_ = (value_ ^ value) * 0x100000001b3; }
  std::uint64_t value_ = 0xcbf29ce484222325;
};

std::string folder_name(const ForeignRuntime& runtime, std::span<const SourceFile> sources) {
  Hash hash;
  for (const SourceFile& source : sources) hash.add(source.name).add(source.text);
  return (runtime.language == Language::java ? "java-" : "go-") + runtime.version + "-" +
         hash.text();
}

std::vector<std::string> start_words(const ForeignRuntime& runtime, const fs::path& folder) {
  if (runtime.language == Language::go) return {folder / "vtlab-go"};
  std::vector<std::string> words{runtime.program};
  words.insert(words.end(), std::begin(kJavaOptions), std::end(kJavaOptions));
  words.insert(words.end(), {"-cp", folder / "classes", "vtlab.Main"});
  return words;
}

// javac is a module of the JDK; started so, a JDK whose bin/javac is in another package will do.
Command javac(const ForeignRuntime& jdk, std::span<const SourceFile> sources, const User& user,
              const fs::path& folder) {
  Command command{
      {jdk.program, "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-m",
       "jdk.compiler/com.sun.tools.javac.Main", "-encoding", "UTF-8", "-d", folder / "classes"},
      plain_environment(user),
      folder / "src"};
  for (const SourceFile& source : sources)
    if (source.name.ends_with(".java")) command.words.emplace_back(source.name);
  return command;
}

// Without C, without the network, and with nothing that the user has set.
Command go_build(const ForeignRuntime& go, const User& user, const fs::path& folder) {
  Command command{
      {go.program, "build", "-trimpath", "-buildvcs=false", "-o", folder / "vtlab-go", "."},
      plain_environment(user),
      folder / "src"};
  const std::string cache = folder.parent_path();
  for (const std::string& setting :
       {std::string("CGO_ENABLED=0"), std::string("GO111MODULE=on"), std::string("GOENV=off"),
        std::string("GOFLAGS=-mod=mod"), std::string("GOPROXY=off"), std::string("GOSUMDB=off"),
        std::string("GOTELEMETRY=off"), std::string("GOTOOLCHAIN=local"), std::string("GOWORK=off"),
        "GOCACHE=" + cache + "/go-build", "GOPATH=" + cache + "/go-path"})
    command.environment.push_back(setting);
  return command;
}

void write_sources(std::span<const SourceFile> sources, const fs::path& folder) {
  fs::create_directories(folder);
  for (const SourceFile& source : sources) {
    std::ofstream out(folder / source.name, std::ios::binary);
    out << source.text;
    if (!out.flush()) throw std::system_error(errno, std::generic_category(), folder / source.name);
  }
}

// Nothing if it succeeded, else why not if it did not say so itself.
std::optional<std::string> why_not_compiled(const Command& compiler) {
  try {
    const int status = run(compiler);
    if (status == 0) return std::nullopt;
    return status > 128 ? "the compiler was ended by signal " + std::to_string(status - 128)
                        : std::string();
  } catch (const std::system_error& error) {
    return error.what();
  }
}

// In a process of the user. The lock goes on to the compiler: it is held until that has ended, too. What is
// thrown is about the cache.
int compile(const ForeignRuntime& runtime, std::span<const SourceFile> sources, const User& user,
            const fs::path& place) {
  umask(022);
  fs::create_directories(place.parent_path());
  const std::string lock = place.string() + ".lock";
  const int fd = open(lock.c_str(), O_RDWR | O_CREAT, 0644);
  if (fd < 0 || flock(fd, LOCK_EX) != 0)
    throw std::system_error(errno, std::generic_category(), lock);
  if (fs::exists(place)) return 0;
  const fs::path part = place.string() + ".part";
  fs::remove_all(part);  // of one that was killed
  write_sources(sources, part / "src");
  const auto why =
      why_not_compiled(runtime.language == Language::java ? javac(runtime, sources, user, part)
                                                          : go_build(runtime, user, part));
  if (!why) {
    fs::rename(part, place);
    return 0;
  }
  fs::remove_all(part);
  static_cast<void>(!write(STDERR_FILENO, why->data(), why->size()));
  return kCompilerFailed;
}

std::vector<std::string> first_lines(const std::string& text) {
  constexpr std::size_t kMost = 12;
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (lines.size() == kMost) {
      lines.emplace_back("…");
      break;
    }
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

}  // namespace

std::span<const SourceFile> foreign_sources(Language language) {
  if (language == Language::java) return kJava;
  return kGo;
}

std::string foreign_cache(const User& user) {
  const char* given = std::getenv("XDG_CACHE_HOME");
  if (given && *given == '/') return std::string(given) + "/vtlab/foreign";
  if (!user.home.empty()) return user.home + "/.cache/vtlab/foreign";
  throw Error(ExitCode::machine_cannot, "there is no place for compiled programs",
              {"user " + std::to_string(user.uid) + " has no home folder"},
              {"export XDG_CACHE_HOME=/a/folder/of/yours"});
}

std::vector<std::string> foreign_program(const ForeignRuntime& runtime,
                                         std::span<const SourceFile> sources, const User& user,
                                         const std::string& cache, const Tell& tell) {
  const fs::path place = fs::path(cache) / folder_name(runtime, sources);
  const auto words = start_words(runtime, place);
  std::error_code unknown;  // not to be seen by this process: the user's may see it
  if (fs::exists(place, unknown)) return words;
  if (tell) tell("compiling our program for " + runtime.name() + ", once");
  const Said said = as_user(user, [&] { return compile(runtime, sources, user, place); });
  if (tell) tell({});
  if (said.status == 0) return words;
  std::vector<std::string> type;
  if (said.status != kCompilerFailed)
    type = {"XDG_CACHE_HOME=/a/folder/of/yours vtlab …    keeps it elsewhere than in " + cache};
  throw Error(ExitCode::machine_cannot, "cannot compile our program for " + runtime.name(),
              first_lines(said.text), type);
}

}  // namespace vtlab::lab
