// runtime_view.h — what a language's runtime did, by passes of its own functions, as plain values.
//
// Rule      As in result.h: what was not observed is absent with a reason, never 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vtlab::result {

/// How often something happened, for one of the reasons that the runtime knows.
struct RuntimeReason {
  std::string name;  ///< as the runtime says it: "chan receive"; "reason 14" if it says no word
  std::uint64_t count = 0;

  bool operator==(const RuntimeReason&) const = default;
};

/// One question to the runtime.
struct RuntimeCount {
  std::string key, title;
  std::optional<std::uint64_t> count;
  std::string source;                  ///< "uprobe runtime.newproc1"; empty if there is no count
  std::string missing_because;         ///< set exactly when there is no count
  std::vector<RuntimeReason> reasons;  ///< most first; empty unless the runtime gives reasons

  bool operator==(const RuntimeCount&) const = default;
};

struct RuntimeView {
  std::string runtime;               ///< "Go 1.24.4", "JDK 25.0.1"
  std::string file;                  ///< the program or library that the functions are in
  std::vector<RuntimeCount> counts;  ///< in the order in which they are shown
  /// New tasks of the whole tree in the same time, as the kernel counted them.
  std::optional<std::uint64_t> kernel_tasks;
  std::string void_because;  ///< passes were missed: do not rely on the counts

  bool operator==(const RuntimeView&) const = default;
};

}  // namespace vtlab::result
