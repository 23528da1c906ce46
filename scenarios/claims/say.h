// say.h — small words for evidence. Digits without grouping, so that people can search for a
// number.
#pragma once

#include <string>

#include "scenarios/claim.h"

namespace vtlab::claims {

inline std::string n(std::uint64_t value) {
  return std::to_string(value);
}

/// "1 new kernel task", "2 new kernel tasks"
inline std::string count(std::uint64_t value, std::string_view noun) {
  return n(value) + " " + std::string(noun) + (value == 1 ? "" : "s");
}

inline std::string milliseconds(std::uint64_t ns) {
  const std::uint64_t tenths = (ns + 50'000) / 100'000;
  return n(tenths / 10) + "." + n(tenths % 10) + " ms";
}

inline Check holds_if(bool holds, std::string because) {
  return {holds ? Verdict::holds : Verdict::refuted, std::move(because)};
}

inline Check not_observed(std::string_view what) {
  return {Verdict::not_testable_here, std::string(what) + " was not observed"};
}

inline std::optional<std::uint64_t> caused_by(const Evidence& evidence, Action action) {
  return evidence.caused[static_cast<std::size_t>(action)];
}

}  // namespace vtlab::claims
