// observed.h — what `vtlab observe` saw of a program that is not one of our scenarios, as plain values.
//
// Rule      As in result.h: what was not observed is absent with a reason, never 0.
// Threads   Plain values: no sharing, no locks.
#pragma once

#include "result/result.h"

namespace vtlab::result {

inline constexpr const char* kObserveSchema = "vtlab.observe/1";

/// One process of the observed tree.
struct ObservedProcess {
  std::uint64_t id = 0;                ///< place in Observed::processes; a pid may come twice
  std::optional<std::uint64_t> by_id;  ///< the process whose task made it; absent for a root
  std::uint64_t pid = 0;
  std::string name;        ///< comm(5) at its end, or when observing ended; empty if unknown
  bool was_there = false;  ///< it ran when observing began
  bool ended = false;
  std::uint64_t threads_made = 0;    ///< by its tasks, in itself
  std::uint64_t processes_made = 0;  ///< by its tasks
};

struct ExitStatus {
  std::optional<int> code;    ///< it called exit
  std::optional<int> signal;  ///< it was killed; exactly one of both is set
};

/// One observation of one process tree.
struct Observed {
  Host host;
  std::vector<std::string> notes;  ///< for people
  // What was observed: exactly one of these three.
  std::vector<std::string> command;  ///< what was started
  std::optional<std::uint64_t> pid;  ///< what was attached to
  std::string cgroup;              ///< its path below the root of the hierarchy, "/system.slice/x"
  std::string observer;            ///< "ebpf" or "ptrace"
  bool partial = false;            ///< observing ended before the tree did
  std::string partial_because;     ///< "the time of --for was over"
  std::string void_because;        ///< evidence was lost: do not rely on the numbers
  std::optional<ExitStatus> exit;  ///< of the command
  std::uint64_t wall_ns = 0;       ///< from the start of the command, or from attaching, to the end
  std::vector<Metric> counts;      ///< in the order in which they are shown
  std::vector<ProbeNote> probes;
  std::uint64_t lost_events = 0;  ///< voids `processes` and what rests on it, not the counts
  std::vector<ObservedProcess> processes;  ///< parents before children; empty if not observed
  std::uint64_t processes_not_listed = 0;
  std::string processes_missing_because;  ///< set exactly when `processes` is empty
  Details details;
};

}  // namespace vtlab::result
