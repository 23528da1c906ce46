#include "lab/foreign/start.h"

#include <algorithm>
#include <cctype>
#include <memory>

#include "lab/error.h"

namespace vtlab::lab {
namespace {

constexpr char kOf = '@';

std::string_view version_wanted(const Mode& mode) {
  const auto at = mode.name.find(kOf);
  return at == std::string_view::npos ? std::string_view() : mode.name.substr(at + 1);
}

// "21" and "21.0" are meant by 21.0.13, and "2" is not.
bool fits(const ForeignRuntime& runtime, std::string_view wanted) {
  const std::string& version = runtime.version;
  if (wanted.empty() || version == wanted) return true;
  return version.starts_with(wanted) &&
         !std::isdigit(static_cast<unsigned char>(version[wanted.size()]));
}

// What tells it from the others: as people say it if that is enough.
std::string short_version(const ForeignRuntime& runtime,
                          const std::vector<ForeignRuntime>& others) {
  const std::string as_said =
      (runtime.language == Language::go ? "1." : "") + std::to_string(runtime.major);
  const auto same = std::count_if(others.begin(), others.end(),
                                  [&](const auto& other) { return other.major == runtime.major; });
  return same > 1 ? runtime.version : as_said;
}

std::string language_name(Language language) {
  return language == Language::java ? "JDK" : "Go";
}

// A copy of a mode with a name of its own, made once. It lives as long as vtlab, as the modes of the catalogue do:
// results point to their modes.
const Mode* variant(const Mode& mode, const std::string& version) {
  struct Named {
    std::string name, title;
    Mode mode;
  };
  static std::map<std::string, std::unique_ptr<Named>> all;
  const std::string name = std::string(mode.name) + kOf + version;
  auto& named = all[name];
  if (!named) {
    named = std::make_unique<Named>(Named{
        name, std::string(mode.title) + ", " + language_name(*mode.foreign) + " " + version, mode});
    named->mode.name = named->name;
    named->mode.title = named->title;
  }
  return &named->mode;
}

ForeignStart cannot(std::string why, std::vector<std::string> type = {}) {
  ForeignStart start;
  start.why_not = std::move(why);
  start.type = std::move(type);
  return start;
}

}  // namespace

std::string_view name_without_version(const Mode& mode) {
  return mode.name.substr(0, mode.name.find(kOf));
}

ForeignModes::ForeignModes(RuntimePlaces places, User user, Tell tell)
    : places_(std::move(places)), user_(std::move(user)), tell_(std::move(tell)) {
  if (!places_.java.empty()) found(Language::java);
  if (!places_.go.empty()) found(Language::go);
}

const std::vector<ForeignRuntime>& ForeignModes::found(Language language) {
  const auto known = found_.find(language);
  if (known != found_.end()) return known->second;
  return found_[language] = find_runtimes(language, places_, user_);
}

std::vector<const Mode*> ForeignModes::each_named(const Mode& mode) {
  const auto& named = *mode.foreign == Language::java ? places_.java : places_.go;
  if (named.size() < 2) return {&mode};
  std::vector<const Mode*> all;
  const auto& runtimes = found(*mode.foreign);
  for (const ForeignRuntime& runtime : runtimes)
    all.push_back(variant(mode, short_version(runtime, runtimes)));
  return all;
}

std::vector<const Mode*> ForeignModes::modes(std::string_view word) {
  const auto at = word.find(kOf);
  const Mode* mode = find_mode(word.substr(0, at));
  if (!mode) return {};
  if (at == std::string_view::npos) return mode->foreign ? each_named(*mode) : std::vector{mode};
  if (!mode->foreign || at + 1 == word.size()) return {};
  return {variant(*mode, std::string(word.substr(at + 1)))};
}

ForeignStart ForeignModes::start(const Mode& mode) {
  const auto& runtimes = found(*mode.foreign);
  const std::string_view wanted = version_wanted(mode);
  std::vector<ForeignRuntime> candidates;
  std::copy_if(runtimes.begin(), runtimes.end(), std::back_inserter(candidates),
               [&](const ForeignRuntime& runtime) { return fits(runtime, wanted); });
  for (const ForeignRuntime& runtime : candidates)
    if (runtime.why_not.empty()) return start_with(runtime);
  if (!candidates.empty() && (!wanted.empty() || candidates.front().found_by.starts_with("--")))
    return cannot(candidates.front().name() + " (" + candidates.front().program +
                      ") cannot: " + candidates.front().why_not,
                  how_to_get(*mode.foreign));
  if (wanted.empty() || runtimes.empty())
    return cannot(why_none(*mode.foreign, runtimes), how_to_get(*mode.foreign));
  std::string others;
  for (const ForeignRuntime& runtime : runtimes)
    others += (others.empty() ? "" : ", ") + runtime.name();
  return cannot("there is no " + language_name(*mode.foreign) + " " + std::string(wanted) +
                    "; found: " + others,
                how_to_get(*mode.foreign));
}

ForeignStart ForeignModes::start_with(const ForeignRuntime& runtime) {
  const auto known = started_.find(runtime.program);
  if (known != started_.end()) return known->second;
  ForeignStart start;
  start.runtime = runtime.name();
  try {
    start.command = foreign_program(runtime, foreign_sources(runtime.language), user_,
                                    foreign_cache(user_), tell_);
  } catch (const Error& error) {
    std::string why = error.what_failed;
    for (const std::string& line : error.why)
      why += (why == error.what_failed ? ": " : "\n") + line;
    start = cannot(std::move(why), error.type);
  }
  return started_[runtime.program] = start;
}

void add_foreign(Request& request, ForeignModes& modes) {
  for (const Mode* mode : request.modes)
    if (mode->foreign && request.scenario->languages.has(*mode->foreign))
      request.foreign[mode] = modes.start(*mode);
}

}  // namespace vtlab::lab
