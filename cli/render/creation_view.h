// creation_view.h — the records of creations as two views: the path (call, stages, times) and what
// is shared. Counts and texts, no layout.
//
// Threads   Plain values and pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "render/detail.h"
#include "render/words.h"
#include "result/creation.h"

namespace vtlab::render {

/// One stage of the creations of one kind: how many got there, and how long after the stage before.
struct StageLine {
  std::string key, title, seen_by;
  std::uint64_t count = 0;
  std::optional<std::uint64_t> p50_ns, p99_ns, max_ns;  ///< absent: no stage before it was seen
};

/// Creations with the same action (its key), system call and flags.
struct PathKind {
  std::string action, call, flags;  ///< no action: the program publishes none
  std::uint64_t count = 0;
  std::vector<StageLine> stages;
  StageLine whole;  ///< from the first stage to the first run
};

/// Attempts that made no task.
struct FailedKind {
  std::string action, call, flags, error;
  std::uint64_t count = 0;
};

/// Creations with the same action, system call and flags that also share the same.
struct SharingKind {
  std::string action, call, flags;
  std::uint64_t count = 0;
  std::array<result::Share, result::kShareables.size()> sharing{};
  std::vector<std::string> task;  ///< kernel stack, policy, nice, CPUs, where all agree
};

/// The creations of one mode.
struct CreationView {
  Preface preface;
  std::vector<PathKind> paths;
  std::vector<FailedKind> failures;
  std::vector<SharingKind> sharing;
  std::vector<std::string> seen_by;  ///< "copy_process: tp_btf task_newtask"
  std::string not_run;               ///< of how many tasks no first run was seen; may be empty
};

/// Were creations asked for?
bool has_creations(const result::Details& details);
/// Only of details that have them, or the reason why not.
CreationView make_creation_view(const Subject& subject);
std::vector<CreationView> creation_views(const std::vector<Subject>& subjects);

/// Columns for the largest count of both tables, at least 7.
std::size_t count_width(const std::vector<CreationView>& views);
/// What both views print of a mode before its rows; false if there are none.
bool begin(LinePrinter& out, const CreationView& view, bool any);
/// What both tables of markdown say first, and what they have instead of rows.
std::string creations_alerts(const std::vector<CreationView>& views);
/// "CLONE_VM|CLONE_FS|SIGCHLD" as "CLONE_VM, FS, SIGCHLD": short, and can be broken.
std::string readable_flags(const std::string& flags);

/// "fork → clone"; of a program that publishes no actions only the system call.
template <class Kind>
std::string asked(const Kind& kind) {
  return (kind.action.empty() ? "" : spaced(kind.action) + " → ") + kind.call;
}

/// The key of a kind's lines in csv.
template <class Kind>
std::string key_of(const Kind& kind) {
  return "[" + kind.action + "/" + kind.call + "/" + kind.flags + "]";
}

}  // namespace vtlab::render
