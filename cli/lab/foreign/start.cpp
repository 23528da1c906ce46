#include "lab/foreign/start.h"

#include <algorithm>
#include <deque>
#include <map>

namespace vtlab::lab {
namespace {

struct Variant {
  std::string name, title;
  Mode mode;
};

// A mode on one of several runtimes. It lives as long as vtlab, as the modes of the catalogue do: results point to
// their modes.
const Mode& variant_of(const Mode& mode, const ForeignRuntime& runtime,
                       const std::string& version) {
  static std::deque<Variant> variants;
  std::string name = std::string(mode.name) + "@" + version;
  for (const Variant& known : variants)
    if (known.name == name) return known.mode;
  Variant& made = variants.emplace_back(
      Variant{std::move(name), std::string(mode.title) + ", " + runtime.name(), mode});
  made.mode.name = made.name;
  made.mode.title = made.title;
  return made.mode;
}

// "21", or all of the version where two have that number.
std::string shortest_version(const ForeignRuntime& runtime,
                             const std::vector<ForeignRuntime>& among) {
  const auto same = std::count_if(among.begin(), among.end(), [&](const ForeignRuntime& other) {
    return other.major == runtime.major;
  });
  return same > 1 ? runtime.version : std::to_string(runtime.major);
}

// The runtimes of one language, looked for when the first mode asks.
class Runtimes {
 public:
  Runtimes(Language language, const RuntimePlaces& places, const User& user, const Tell& tell)
      : language_(language),
        user_(user),
        tell_(tell),
        named_((language == Language::java ? places.java : places.go).size()),
        found_(find_runtimes(language, places, user)) {
    std::copy_if(found_.begin(), found_.end(), std::back_inserter(usable_),
                 [](const ForeignRuntime& runtime) { return runtime.why_not.empty(); });
  }

  void start(Request& request, const Mode& mode, std::vector<const Mode*>& modes) {
    const std::size_t wanted = std::max<std::size_t>(named_, 1);
    if (usable_.empty() || usable_.size() < named_) {
      ForeignStart none;
      none.why_not = why_none(language_, found_);
      none.type = how_to_get(language_);
      if (std::string lost = lost_under_sudo(language_); !lost.empty())
        none.type.push_back(std::move(lost));
      request.foreign[&mode] = std::move(none);
      modes.push_back(&mode);
      return;
    }
    const std::vector<ForeignRuntime> used(usable_.begin(),
                                           usable_.begin() + static_cast<std::ptrdiff_t>(wanted));
    for (const ForeignRuntime& runtime : used) {
      const Mode& one =
          wanted == 1 ? mode : variant_of(mode, runtime, shortest_version(runtime, used));
      request.foreign[&one] = {runtime.name(), command(runtime), {}, {}};
      modes.push_back(&one);
    }
  }

 private:
  const std::vector<std::string>& command(const ForeignRuntime& runtime) {
    std::vector<std::string>& words = commands_[runtime.program];
    if (words.empty())
      words =
          foreign_program(runtime, foreign_sources(language_), user_, foreign_cache(user_), tell_);
    return words;
  }

  Language language_;
  const User& user_;
  const Tell& tell_;
  std::size_t named_;
  std::vector<ForeignRuntime> found_, usable_;
  std::map<std::string, std::vector<std::string>> commands_;
};

}  // namespace

void find_starts(Request& request, const RuntimePlaces& places, const User& user,
                 const Tell& tell) {
  std::map<Language, Runtimes> runtimes;
  std::vector<const Mode*> modes;
  for (const Mode* mode : request.modes) {
    // One that the scenario does not go with is refused for that, and needs no runtime.
    if (!mode->foreign || !why_not(*request.scenario, *mode, request.params).empty()) {
      modes.push_back(mode);
      continue;
    }
    const auto [found, ignored] =
        runtimes.try_emplace(*mode->foreign, *mode->foreign, places, user, tell);
    found->second.start(request, *mode, modes);
  }
  request.modes = std::move(modes);
}

std::string_view name_without_version(const Mode& mode) {
  return mode.name.substr(0, mode.name.find('@'));
}

}  // namespace vtlab::lab
