// perf_map.h — names of functions that a program compiled while it ran, from the file /tmp/perf-PID.map
// that it writes for perf(1): lines of "START SIZE name", in hex.
//
// Threads   Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace vtlab::symbols {

class PerfMap {
 public:
  /// Later lines win where they overlap: the code there was replaced. Lines that cannot be read are
  /// passed over.
  explicit PerfMap(std::string_view text);

  /// The name of the function that the address lies in; empty if none.
  std::string_view name_of(std::uint64_t address) const;

 private:
  struct Function {
    std::uint64_t end;
    std::string name;
  };
  std::map<std::uint64_t, Function> functions_;  // by start; they do not overlap
};

}  // namespace vtlab::symbols
