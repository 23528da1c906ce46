// runtime_lens.h — probes on the functions of one runtime, and what they counted in a window.
//
// Owns      its probes and the runtime's file. The session must outlive it.
// Rule      A function that the file does not have, or has where a probe would be too dear, leaves its
//           question without an answer and with the reason.
// Threads   As the session: one at a time.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "lab/runtime_file.h"
#include "lab/runtime_functions.h"
#include "probes/functions.h"
#include "result/runtime_view.h"

namespace vtlab::lab {

class RuntimeLens {
 public:
  /// Attaches: from now on the session's tree is counted.
  RuntimeLens(probes::Session& session, RuntimeFile file);

  void begin();  ///< the window begins now
  /// What was counted since; without kernel_tasks.
  result::RuntimeView end() const;

 private:
  using Reasons = std::array<std::uint64_t, probes::kFunctionValues>;
  struct Asked {
    const RuntimeQuestion* question;
    std::uint32_t key;
    std::string source;   // "uprobe runtime.newproc1"
    std::string refused;  // why nobody answers; empty: attached
    std::uint64_t before = 0;
    Reasons reasons_before{};
  };
  void ask(const RuntimeQuestion& question);
  std::string attach(Asked& asked);  // why not
  result::RuntimeCount count_of(const Asked& asked) const;

  RuntimeFile file_;
  probes::FunctionProbes probes_;
  std::vector<Asked> asked_;
  std::uint64_t skipped_before_ = 0;
};

}  // namespace vtlab::lab
