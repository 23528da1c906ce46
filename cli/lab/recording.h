// recording.h — what is to be recorded besides the counts: one line per kind of record.
#pragma once

#include "probes/session.h"

namespace vtlab::lab {

/// Each costs something while it is on, so each is off unless it is asked for. Only eBPF records.
struct Recording {
  bool creations = false;   ///< every attempt to make a task
  bool scheduling = false;  ///< every switch and wake-up, added up
  bool timeline = false;    ///< the same one by one, and what units did, if their runtime tells
  bool syscalls = false;    ///< every system call, added up
  /// Of those, a row for each name of a caller: for programs that publish no actions.
  bool syscalls_by_name = false;

  bool creators = false;  ///< where in its program each creator stood
  bool runtime = false;   ///< what the runtime of Go or Java did, if the program has one

  bool totals = false;    ///< sums over all tasks: switches by kind, times, attempts to make a task

  bool any() const {
    return creations || scheduling || timeline || syscalls || creators || runtime || totals;
  }
  /// Its functions say what its units did.
  bool looks_into_runtimes() const { return runtime || timeline; }
  friend bool operator==(const Recording&, const Recording&) = default;
};

inline probes::SessionOptions session_options(const Recording& recording,
                                              std::optional<probes::Rung> rung,
                                              int cgroup_fd = -1) {
  probes::SessionOptions options;
  options.only = rung;
  options.cgroup_fd = cgroup_fd;
  options.ring_bytes = 16u << 20;
  options.record_creations = recording.creations;
  options.record_scheduling = recording.scheduling || recording.timeline;
  options.record_functions = recording.timeline;
  options.record_calls = recording.syscalls;
  options.calls_by_name = recording.syscalls_by_name;
  options.record_stacks = recording.creators;
  options.keep_totals = recording.totals;
  return options;
}

}  // namespace vtlab::lab
