#include "lab/foreign/runtimes.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "lab/error.h"
#include "lab/foreign/as_user.h"

namespace vtlab::lab {
namespace {

namespace fs = std::filesystem;

bool is_java(Language language) {
  return language == Language::java;
}

const char* program_name(Language language) {
  return is_java(language) ? "java" : "go";
}

std::string file_text(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// KEY="value" of a line of a JDK's `release`, or `key = value` of what java says of itself.
std::string field(const std::string& text, const std::string& key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto begin = line.find_first_not_of(' ');
    if (begin == std::string::npos || line.compare(begin, key.size(), key) != 0) continue;
    const auto value = line.find_first_not_of(" =\"", begin + key.size());
    if (value == begin + key.size() || value == std::string::npos) continue;
    return line.substr(value, line.find_last_not_of("\" \r") + 1 - value);
  }
  return {};
}

// "25.0.1" is 25, "1.8.0_392" is 8, and Go's "1.24.4" is 24.
unsigned major_of(const std::string& version) {
  const bool second = version.rfind("1.", 0) == 0;
  return static_cast<unsigned>(std::strtoul(version.c_str() + (second ? 2 : 0), nullptr, 10));
}

// As the user would find it: root may do what they may not.
std::string why_not_executable(const std::string& program, const User& user) {
  const auto answer = [&] { return access(program.c_str(), X_OK) == 0 ? 0 : errno; };
  const int error =
      geteuid() == 0 && user.uid != 0 ? as_user(user, [&] { return answer(); }).status : answer();
  return error == 0 ? std::string() : program + ": " + std::strerror(error);
}

std::string ask(const ForeignRuntime& runtime, std::vector<std::string> words, const User& user) {
  words.insert(words.begin(), runtime.program);
  const Said said = as_user(user, [&] { return run({std::move(words), plain_environment(user)}); });
  return said.text;
}

void read_jdk(ForeignRuntime& jdk, const User& user) {
  std::string release = file_text(fs::path(jdk.home) / "release");
  if (field(release, "JAVA_VERSION").empty()) {
    // Some wrapper; or a home that says nothing of itself.
    const std::string said = ask(jdk, {"-XshowSettings:properties", "-version"}, user);
    jdk.version = field(said, "java.version");
    if (jdk.version.empty()) {
      jdk.why_not = "it does not say its version: " + said.substr(0, said.find('\n'));
      return;
    }
    if (const std::string home = field(said, "java.home"); !home.empty()) {
      jdk.home = home;
      release = file_text(fs::path(home) / "release");
    }
  } else {
    jdk.version = field(release, "JAVA_VERSION");
  }
  jdk.major = major_of(jdk.version);
  const fs::path library = fs::path(jdk.home) / "lib/server/libjvm.so";
  if (fs::exists(library)) jdk.libjvm = library;
  const std::string modules = field(release, "MODULES");
  if (jdk.major < kOldestJdk)
    jdk.why_not = "virtual threads need JDK " + std::to_string(kOldestJdk);
  else if (!modules.empty() && modules.find("jdk.compiler") == std::string::npos)
    jdk.why_not = "it has no compiler (module jdk.compiler), so a JDK is needed";
}

void read_go(ForeignRuntime& go, const User& user) {
  std::string said = file_text(fs::path(go.home) / "VERSION");
  if (said.rfind("go", 0) != 0) said = ask(go, {"env", "GOVERSION"}, user);
  const std::string first = said.substr(0, said.find_first_of(" \n"));
  if (first.rfind("go1.", 0) != 0) {
    go.why_not = "it does not say its version: " + said.substr(0, said.find('\n'));
    return;
  }
  go.version = first.substr(2);
  go.major = major_of(go.version);
}

// A program, or a home that has it; nothing if there is no file.
std::string program_of(Language language, const std::string& word) {
  std::error_code ignored;
  if (fs::is_directory(word, ignored))
    return program_of(language, word + "/bin/" + program_name(language));
  return fs::exists(word, ignored) ? fs::absolute(word).lexically_normal().string() : std::string();
}

class Finder {
 public:
  Finder(Language language, const User& user) : language_(language), user_(user) {}

  std::vector<ForeignRuntime> found;

  /// False if there is nothing.
  bool look_at(const std::string& word, const std::string& found_by) {
    const std::string program = program_of(language_, word);
    if (program.empty()) return false;
    std::error_code ignored;
    fs::path real = fs::canonical(program, ignored);
    if (real.empty()) real = program;
    ForeignRuntime runtime;
    runtime.language = language_;
    runtime.program = real;
    runtime.home = real.parent_path().parent_path();
    runtime.found_by = found_by;
    const auto same = [&](const ForeignRuntime& other) { return other.home == runtime.home; };
    if (std::any_of(found.begin(), found.end(), same)) return true;
    runtime.why_not = why_not_executable(runtime.program, user_);
    if (runtime.why_not.empty())
      is_java(language_) ? read_jdk(runtime, user_) : read_go(runtime, user_);
    if (std::none_of(found.begin(), found.end(), same)) found.push_back(std::move(runtime));
    return true;
  }

  void look_in(const std::string& folder, const std::string& found_by) {
    const auto before = static_cast<std::ptrdiff_t>(found.size());
    std::error_code ignored;
    std::vector<std::string> homes{folder};
    for (const auto& entry : fs::directory_iterator(folder, ignored)) homes.push_back(entry.path());
    std::sort(homes.begin() + 1, homes.end());
    for (const std::string& home : homes)
      if (fs::is_directory(home, ignored)) look_at(home, found_by);
    std::stable_sort(found.begin() + before, found.end(),
                     [](const auto& a, const auto& b) { return a.major > b.major; });
  }

 private:
  const Language language_;
  const User& user_;
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

std::string ForeignRuntime::name() const {
  return (is_java(language) ? "JDK " : "Go ") + (version.empty() ? "of unknown version" : version);
}

RuntimePlaces usual_places() {
  RuntimePlaces places;
  places.java_home = environment("JAVA_HOME");
  places.go_root = environment("GOROOT");
  places.path = environment("PATH");
  places.folders = {"/usr/lib/jvm", "/usr/local/go"};
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/usr/lib", ignored))
    if (entry.path().filename().string().rfind("go-", 0) == 0)
      places.folders.push_back(entry.path());
  const fs::path own = fs::read_symlink("/proc/self/exe", ignored);
  // build/release/bin/vtlab and build/runtimes.
  places.fetched = (own.parent_path() / "../../runtimes").lexically_normal();
  return places;
}

std::vector<ForeignRuntime> find_runtimes(Language language, const RuntimePlaces& places,
                                          const User& user) {
  Finder finder(language, user);
  const std::string option = is_java(language) ? "--java" : "--go";
  const auto& words = is_java(language) ? places.java : places.go;
  for (const std::string& word : words) {
    if (finder.look_at(word, option)) continue;
    const std::string program = "bin/" + std::string(program_name(language));
    std::error_code ignored;
    throw Error(ExitCode::usage,
                option + " " + word + " is no " + (is_java(language) ? "JDK" : "Go"),
                {fs::is_directory(word, ignored) ? "there is no " + program + " in it"
                                                 : word + ": " + std::strerror(ENOENT)});
  }
  if (!words.empty()) return finder.found;

  const std::string& home = is_java(language) ? places.java_home : places.go_root;
  if (!home.empty()) finder.look_at(home, is_java(language) ? "JAVA_HOME" : "GOROOT");
  std::istringstream folders(places.path);
  for (std::string folder; std::getline(folders, folder, ':');)
    if (!folder.empty() && finder.look_at(folder + "/" + program_name(language), "PATH")) break;
  for (const std::string& folder : places.folders) finder.look_in(folder, folder);
  if (!places.fetched.empty()) finder.look_in(places.fetched, "./vtlabw runtimes");
  return finder.found;
}

std::string why_none(Language language, const std::vector<ForeignRuntime>& found) {
  std::string why = is_java(language)
                        ? "no JDK " + std::to_string(kOldestJdk) +
                              " or newer was found in JAVA_HOME, PATH, "
                              "/usr/lib/jvm and build/runtimes"
                        : "no Go was found in GOROOT, PATH, /usr/lib/go-*, /usr/local/go and "
                          "build/runtimes";
  for (const ForeignRuntime& runtime : found)
    if (!runtime.why_not.empty())
      why += "; " + runtime.name() + " (" + runtime.found_by + ") cannot: " + runtime.why_not;
  const std::string lost = lost_under_sudo(language);
  return lost.empty() ? why : why + "; " + lost;
}

std::vector<std::string> how_to_get(Language language) {
  return {"./vtlabw runtimes    fetches JDK 21, JDK 25 and Go into build/runtimes",
          std::string("sudo apt-get install ") +
              (is_java(language) ? "openjdk-25-jdk-headless" : "golang-1.24-go") +
              "    on Debian 13"};
}

std::string lost_under_sudo(Language language) {
  const char* home = is_java(language) ? "JAVA_HOME" : "GOROOT";
  if (geteuid() != 0 || environment("SUDO_UID").empty() || !environment(home).empty()) return {};
  return std::string("sudo hands on neither your ") + home + " nor your PATH: name it with " +
         (is_java(language) ? "--java" : "--go");
}

}  // namespace vtlab::lab
