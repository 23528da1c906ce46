// probe_window.h — what the probes of a session have counted since a moment, and what they say of themselves.
//
// Owns      what was counted when the window began; the session stays its observer's.
// Threads   As the session: one at a time.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/observer.h"
#include "probes/session.h"

namespace vtlab::lab {

class ProbeWindow {
 public:
  explicit ProbeWindow(const probes::Session& session) : session_(session) {}

  /// The window begins now; again, if it had begun before.
  void begin();
  const probes::Snapshot& before() const { return before_; }
  /// Sums since begin(), if they are kept. `probes`: the notes of the window.
  std::optional<result::Totals> totals(const std::vector<result::ProbeNote>& probes) const;

  /// Since begin(); absent: nobody answers the question here.
  std::optional<std::uint64_t> count(const probes::Snapshot& now, probes::Counter counter) const;

  /// Everything that is counted, a row for each action; void if the kernel skipped runs of a probe that
  /// the ledger rests on, or a process could not be followed. peak_alive is for who takes the events.
  KernelView view(const probes::Snapshot& now) const;

  /// Each question with the rung that answers it and those that were refused; without `now`, without
  /// counts.
  std::vector<result::ProbeNote> notes(const probes::Snapshot* now) const;

 private:
  const probes::Session& session_;
  probes::Snapshot before_;
  std::optional<probes::Totals> totals_before_;
  std::map<probes::Counter, std::uint64_t> misses_before_;  // 0 also where the kernel does not tell
};

/// That the kernel skipped runs of this probe, if it did.
std::optional<std::string> skipped_runs(const result::ProbeNote& probe);

/// Why the session cannot count new tasks, by refused rung; empty if it can.
std::vector<std::string> why_not_counting(const probes::Session& session);

}  // namespace vtlab::lab
