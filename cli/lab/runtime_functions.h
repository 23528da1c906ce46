// runtime_functions.h — which functions of Go's runtime and of the JVM say what. To ask one more
// question: a line in runtime_functions.cpp.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lab/go_timeline.h"
#include "lab/jvm_timeline.h"
#include "lab/runtime_file.h"
#include "probes/functions.h"

namespace vtlab::lab {

struct RuntimeQuestion {
  std::string_view key;
  std::string_view title;     ///< of its count; without one only its passes are of use
  std::string_view function;  ///< as people know it
  /// The names of its function in several releases, as the linker has them: the first that the file has is asked.
  /// A name that ends with '*' is a beginning, and all functions that have it are asked.
  std::vector<std::string_view> names;
  /// Passed a few times in a second, so that a dear place for the probe does no harm.
  bool seldom = false;
  std::optional<unsigned> reason_word;  ///< of a call: the number of a reason
  GoStep step = GoStep::none;           ///< what one call says on a timeline
  unsigned g_word = 0;                  ///< of a call: the goroutine that it is about
  JvmStep jvm_step = JvmStep::none;
  /// Variables of the JVM that say where in a Java object the fields of probes::JavaFields are.
  std::array<std::string_view, 2> fields{};
  bool only_for_timeline = false;
  /// Without names: why nobody can answer.
  std::string_view nobody_because;

  /// Is a single pass of use, too?
  bool says_more() const { return step != GoStep::none || jvm_step != JvmStep::none; }
};

std::span<const RuntimeQuestion> questions_of(RuntimeKind kind);
probes::Abi abi_of(RuntimeKind kind);

}  // namespace vtlab::lab
