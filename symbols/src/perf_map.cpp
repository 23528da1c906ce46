#include "symbols/perf_map.h"

#include <algorithm>
#include <charconv>

namespace vtlab::symbols {
namespace {

bool take_hex(std::string_view& line, std::uint64_t& to) {
  if (line.starts_with("0x")) line.remove_prefix(2);
  const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), to, 16);
  if (error != std::errc{} || rest == line.data() + line.size() || *rest != ' ') return false;
  line.remove_prefix(static_cast<std::size_t>(rest - line.data()) + 1);
  return true;
}

}  // namespace

PerfMap::PerfMap(std::string_view text) {
  while (!text.empty()) {
    const auto length = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, length);
    text.remove_prefix(std::min(length + 1, text.size()));
    std::uint64_t start = 0, size = 0;
    if (!take_hex(line, start) || !take_hex(line, size) || size == 0 || line.empty()) continue;
    const std::uint64_t end = start + size < start ? UINT64_MAX : start + size;
    auto first = functions_.upper_bound(start);
    if (first != functions_.begin() && std::prev(first)->second.end > start) --first;
    const auto last = functions_.lower_bound(end);
    functions_.erase(first, last);
    functions_[start] = {end, std::string(line)};
  }
}

std::string_view PerfMap::name_of(std::uint64_t address) const {
  const auto after = functions_.upper_bound(address);
  if (after == functions_.begin()) return {};
  const Function& function = std::prev(after)->second;
  return address < function.end ? std::string_view(function.name) : std::string_view();
}

}  // namespace vtlab::symbols
