// words.cpp — see words.h.
#include "render/words.h"

#include <algorithm>

#include "render/format.h"

namespace vtlab::render {

std::string join(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    if (!out.empty()) out += between;
    out += part;
  }
  return out;
}

std::string spaced(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '_' || c == '-'; }, ' ');
  return one_line(text);
}

std::string plural(std::uint64_t count, const std::string& noun) {
  return format_count(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string listed_once(const std::vector<std::string>& names) {
  std::vector<std::string> unique;
  for (const std::string& name : names)
    if (std::find(unique.begin(), unique.end(), name) == unique.end()) unique.push_back(name);
  return join(unique, ", ");
}

std::string reason(const std::string& because) {
  return because.empty() ? "no reason was recorded" : one_line(because);
}

namespace {

// What was asked for is said exactly, in the largest unit that takes it whole: 20000000 ns is "20
// ms".
std::string exact_duration(std::uint64_t value, std::uint64_t unit_ns) {
  constexpr std::string_view kUnits[] = {" ns", " µs", " ms", " s"};
  std::size_t unit = 0;
  for (; unit_ns >= 1000; unit_ns /= 1000) ++unit;
  for (; unit < 3 && value != 0 && value % 1000 == 0; value /= 1000) ++unit;
  return format_count(value) + std::string(kUnits[unit]);
}

}  // namespace

ReadableParam readable(const result::Param& param) {
  const auto* number = std::get_if<std::uint64_t>(&param.value);
  if (!number) return {spaced(param.key), one_line(std::get<std::string>(param.value))};
  struct Suffix {
    std::string_view ending;
    std::uint64_t ns;  // 0: bytes
  };
  constexpr Suffix kSuffixes[] = {
      {"_ns", 1}, {"_us", 1000}, {"_ms", 1000000}, {"_s", 1000000000}, {"_bytes", 0}};
  for (const Suffix& suffix : kSuffixes) {
    if (!param.key.ends_with(suffix.ending)) continue;
    const std::string name = param.key.substr(0, param.key.size() - suffix.ending.size());
    return {spaced(name), suffix.ns ? exact_duration(*number, suffix.ns)
                                    : format_bytes(static_cast<double>(*number))};
  }
  const std::string name = param.key == "tasks" ? "units" : spaced(param.key);
  return {name, format_count(*number), name.ends_with('s')};
}

std::string sentence_part(const result::Param& param) {
  ReadableParam text = readable(param);
  if (!text.counts) return text.name + " " + text.value;
  if (text.value == "1") text.name.pop_back();
  return text.value + " " + text.name;
}

std::vector<std::string> setting_lines(const result::Host& host, const std::string& observer) {
  const std::string memory =
      host.memory_bytes ? format_bytes(static_cast<double>(host.memory_bytes)) : "";
  return {join({one_line("Linux " + host.kernel + " " + host.machine), plural(host.cpus, "CPU"),
                memory, one_line(host.distribution)},
               " · "),
          join({observer.empty() ? "" : "observer " + one_line(observer),
                host.vtlab_version.empty() ? "" : one_line("vtlab " + host.vtlab_version),
                one_line(host.started_at)},
               " · ")};
}

}  // namespace vtlab::render
