// words.h — the small phrases from which view.cpp and block.cpp make their sentences. Internal to
// render.
//
// Threads   Free functions without state: callable from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "result/result.h"

namespace vtlab::render {

/// The parts that are not empty, with `between` between them.
std::string join(const std::vector<std::string>& parts, std::string_view between);

/// "platform, fork": each name once, in the order of its first appearance.
std::string listed_once(const std::vector<std::string>& names);

/// A key as words: "start-carrier" → "start carrier".
std::string spaced(std::string key);

/// "1 CPU", "2 CPUs"
std::string plural(std::uint64_t count, const std::string& noun);

/// The reason on one line; says so if there is none, because an absence must never look like an
/// oversight.
std::string reason(const std::string& because);

/// What a parameter is called and how its value reads: wait_ms=20 is "wait" and "20 ms".
struct ReadableParam {
  std::string name, value;
  bool counts = false;  ///< reads "1,009 units" rather than "units 1,009"
};
ReadableParam readable(const result::Param& param);

/// The parameter as a part of a sentence: "1,009 units", "wait 20 ms".
std::string sentence_part(const result::Param& param);

/// Where and when: a line about the machine, one about who looked (may be empty), with what and when.
std::vector<std::string> setting_lines(const result::Host& host, const std::string& observer);

}  // namespace vtlab::render
