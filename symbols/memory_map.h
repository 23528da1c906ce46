// memory_map.h — which file's code lies where in a process (proc(5), /proc/PID/maps).
//
// Threads   Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vtlab::symbols {

/// One mapping with code in it.
struct Mapping {
  std::uint64_t start = 0, end = 0;
  std::uint64_t offset = 0;  ///< of `start` in the file
  std::string device;        ///< "fe:01"
  std::uint64_t inode = 0;   ///< 0: no file
  std::string path;          ///< as the process's mount namespace has it; "[vdso]"; empty: no name
};

/// The executable mappings of a text like /proc/PID/maps, by address. Lines that cannot be read are
/// passed over.
std::vector<Mapping> parse_maps(std::string_view text);

/// The one that the address lies in, or null.
const Mapping* find(const std::vector<Mapping>& maps, std::uint64_t address);

}  // namespace vtlab::symbols
