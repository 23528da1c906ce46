// runtime_lens.h — probes on the functions of one runtime, and what they counted in a window.
//
// Owns      its probes and the runtime's file. The session must outlive it.
// Rule      A function that the file does not have, or has where a probe would be too dear, leaves its
//           question without an answer and with the reason.
// Threads   As the session: one at a time.
#pragma once

#include <array>
#include <map>
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
  /// With a timeline each call is kept, too; the session must record them then.
  RuntimeLens(probes::Session& session, RuntimeFile file, bool timeline);

  void begin();    ///< the window begins now
  void service();  ///< takes what is ready
  /// Adds where each goroutine or virtual thread ran to the timeline of the window, whose times are CLOCK_MONOTONIC yet,
  /// until `end_ns`; and what of that is not known.
  void tell(result::Timeline& timeline, std::uint64_t end_ns);
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

  // A call as the kernel side told it, of which 64 bytes would be too much to keep.
  struct Call {
    std::uint64_t at_ns;
    std::uint64_t who;  // a goroutine, a virtual thread
    std::uint32_t tid;
    std::uint16_t detail;  // a reason, a state
    std::uint8_t key;
    bool hide;  // see JvmPass
  };
  Call call_of(const probes::FunctionCall& call) const;
  void tell_go(UnitTimeline& units);
  void tell_jvm(result::Timeline& timeline, UnitTimeline& units);
  static constexpr std::size_t kMostCalls = std::size_t{1} << 22;

  RuntimeFile file_;
  bool timeline_;
  probes::FunctionProbes probes_;
  std::vector<Asked> asked_;
  std::uint64_t skipped_before_ = 0;
  std::vector<Call> calls_;
  std::uint64_t lost_before_ = 0, not_kept_ = 0;
  std::map<std::uint32_t, bool> jvms_;  // by tgid: does it tell always (kTellAlways)?
  std::string cannot_tell_;             // why not, whatever its options
};

}  // namespace vtlab::lab
