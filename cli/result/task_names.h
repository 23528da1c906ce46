// task_names.h — which tasks another runtime had before the window, and which it made in it, by name. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vtlab::result {

/// Kernel tasks of one name (comm(5)), numbers in it left out: "GC Thread#…".
struct NamedTasks {
  std::string name;
  std::uint64_t before_window = 0;  ///< there when the window opened
  std::uint64_t in_window = 0;      ///< made in it; by the name at their ends, or at the window's
};

struct TaskNames {
  std::string runtime;           ///< "JDK 25.0.1"
  std::vector<NamedTasks> rows;  ///< most new tasks first
  std::string
      new_missing_because;  ///< not empty: nobody saw the names of new tasks; in_window is then 0
};

}  // namespace vtlab::result
