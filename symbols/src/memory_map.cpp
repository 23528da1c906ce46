#include "symbols/memory_map.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

namespace vtlab::symbols {
namespace {

bool parse_line(const std::string& line, Mapping& to) {
  char access[8], device[32];
  int name = 0;
  if (std::sscanf(line.c_str(), "%" SCNx64 "-%" SCNx64 " %7s %" SCNx64 " %31s %" SCNu64 " %n",
                  &to.start, &to.end, access, &to.offset, device, &to.inode, &name) != 6)
    return false;
  if (access[2] != 'x') return false;
  to.device = device;
  to.path = line.substr(static_cast<std::size_t>(name));
  constexpr std::string_view kDeleted = " (deleted)";
  if (to.inode != 0 && to.path.ends_with(kDeleted))
    to.path.resize(to.path.size() - kDeleted.size());
  return true;
}

}  // namespace

std::vector<Mapping> parse_maps(std::string_view text) {
  std::vector<Mapping> maps;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    Mapping mapping;
    if (parse_line(std::string(text.substr(0, end)), mapping)) maps.push_back(std::move(mapping));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::sort(maps.begin(), maps.end(),
            [](const Mapping& a, const Mapping& b) { return a.start < b.start; });
  return maps;
}

const Mapping* find(const std::vector<Mapping>& maps, std::uint64_t address) {
  auto after = std::upper_bound(maps.begin(), maps.end(), address,
                                [](std::uint64_t at, const Mapping& m) { return at < m.start; });
  if (after == maps.begin()) return nullptr;
  --after;
  return address < after->end ? &*after : nullptr;
}

}  // namespace vtlab::symbols
