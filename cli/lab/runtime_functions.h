// runtime_functions.h — which functions of Go's runtime and of the JVM say what. To ask one more
// question: a line in runtime_functions.cpp.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lab/go_timeline.h"
#include "lab/runtime_file.h"
#include "probes/functions.h"

namespace vtlab::lab {

struct RuntimeQuestion {
  std::string_view key, title;
  std::string_view function;  ///< as people know it
  /// The names of its function in several releases, as the linker has them: the first that the file has is asked.
  /// A name that ends with '*' is a beginning, and all functions that have it are asked.
  std::vector<std::string_view> names;
  /// Passed a few times in a second, so that a dear place for the probe does no harm.
  bool seldom = false;
  std::optional<unsigned> reason_word;  ///< of a call: the number of a reason
  GoStep step = GoStep::none;           ///< what one call says on a timeline
  unsigned g_word = 0;                  ///< of a call: the goroutine that it is about
  bool only_for_timeline = false;
  /// Without names: why nobody can answer.
  std::string_view nobody_because;
};

std::span<const RuntimeQuestion> questions_of(RuntimeKind kind);
probes::Abi abi_of(RuntimeKind kind);

}  // namespace vtlab::lab
