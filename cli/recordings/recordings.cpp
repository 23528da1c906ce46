#include "recordings/recordings.h"

#include <algorithm>
#include <array>

namespace vtlab::recordings {
namespace {

// Without their lengths: the compiler would count each letter, and counts no further than 262,144.
struct File {
  const char* name;  // "m-to-n.json"
  const char* text;
};

constexpr File kFiles[] = {
#include "recorded_runs.inc"
};

constexpr std::string_view kEnding = ".json";

auto with_lengths() {
  std::array<Recording, std::size(kFiles)> all;
  std::transform(std::begin(kFiles), std::end(kFiles), all.begin(), [](const File& file) {
    Recording one{file.name, file.text};
    one.name.remove_suffix(kEnding.size());
    return one;
  });
  return all;
}

}  // namespace

std::span<const Recording> all() {
  static const auto recordings = with_lengths();
  return recordings;
}

const Recording* find(std::string_view name) {
  const auto found = std::find_if(all().begin(), all().end(),
                                  [&](const Recording& one) { return one.name == name; });
  return found == all().end() ? nullptr : &*found;
}

}  // namespace vtlab::recordings
