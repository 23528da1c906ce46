// recorder.h — takes what a session records and makes result::Details of it. Both eBPF observers have one.
//
// Owns      the records of the window; the session and its window stay their observer's.
// Threads   As the session: one at a time.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "lab/creators.h"
#include "lab/probe_window.h"
#include "lab/recording.h"
#include "lab/runtime_lens.h"
#include "lab/schedule_log.h"
#include "probes/session.h"
#include "result/details.h"

namespace vtlab::lab {

class Recorder {
 public:
  Recorder(probes::Session& session, const ProbeWindow& window, Recording recording,
           TaskGrouping grouping)
      : session_(session), window_(window), recording_(recording), grouping_(grouping) {
    if (recording.creators) stacks_.emplace(session);
  }

  /// Places probes on the functions of this runtime, if what it did is to be recorded; before begin().
  /// Nothing: the program has none that is known.
  void look_into(std::optional<RuntimeFile> runtime);
  /// The window begins now: forgets what came before.
  void begin();
  /// Takes what is ready. Events go to the sink, records stay here.
  void service(const std::function<void(const probes::Event&)>& sink);
  /// Readable if service() is wanted at once; -1: never. The session's.
  int hurry_fd() const { return session_.stacks_fd(); }
  /// Of the window until now, what is added up in the kernel: totals and system calls.
  result::Details so_far(const std::vector<result::ProbeNote>& probes) const;
  /// Of the whole window, which is over. `probes`: the notes of the window. Forgets the records.
  result::Details end(const probes::Snapshot& now, const std::vector<result::ProbeNote>& probes);

 private:
  result::Creations take_creations(const probes::Snapshot& now,
                                   const std::vector<result::ProbeNote>& probes);
  void take_schedule(const std::vector<result::ProbeNote>& probes, result::Details& to);

  probes::Session& session_;
  const ProbeWindow& window_;
  Recording recording_;
  TaskGrouping grouping_;
  std::vector<result::Creation> creations_;
  std::optional<ScheduleLog> schedule_;  // while the window is open, if it was asked for
  std::optional<CreatorStacks> stacks_;
  std::optional<RuntimeLens> runtime_;
};

}  // namespace vtlab::lab
