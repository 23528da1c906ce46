// observe.h — one Experiment + one Observer → one Observation. The only step that touches the
// system.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lab/conditions.h"
#include "lab/observer.h"
#include "lab/peer.h"
#include "lab/plan.h"
#include "lab/privileges.h"
#include "lab/procfs.h"
#include "lab/signals.h"
#include "result/rows.h"
#include "scenarios/unit_event.h"

namespace vtlab::lab {

enum class Ending { done, interrupted, timed_out, crashed, failed };

/// What one unit left in the unit log; times CLOCK_MONOTONIC, 0 if it did not get there.
struct UnitFacts {
  std::uint64_t asked_ns = 0, finished_ns = 0;
  std::uint32_t first_tid = 0, last_tid = 0;
  std::uint32_t error = 0;
};

/// Looked up in procfs while as many units waited as can: where the server or the workload knows that moment.
struct WaitingFacts {
  std::uint64_t threads = 0;  ///< `Threads:` of the first process
  /// Of up to 32 units that are processes of their own: their mean private and reserved bytes.
  std::optional<std::uint64_t> private_bytes_per_process, reserved_bytes_per_process;
};

/// Facts of one run: no statistics, no wording.
struct Observation {
  Experiment experiment;
  Ending ending = Ending::done;
  std::string ended_because;  ///< empty if done
  pid_t main_tid = 0;
  std::uint64_t start_ns = 0,
                end_ns = 0;  ///< the window, by the program's own clock; by ours if it did not say
  std::vector<UnitFacts> units;
  std::map<std::string, std::uint64_t> reported;  ///< "unit_switches"
  /// For Scenario::reports, too: what was read of it from outside, while all units waited.
  std::map<std::string, double> looked_up;
  result::Rows<UnitEvent> events;       ///< if Params::event_log asked for them
  std::vector<std::uint64_t> unit_ids;  ///< by which id events speak of each unit; 0: not told
  std::string observer;
  const char* why_no_switches = "";
  KernelView kernel;
  ProcStatus at_gate, at_end;
  std::optional<std::uint64_t> cpu_ns;
  std::optional<WaitingFacts> waiting;
  std::optional<LoadFacts> load;  ///< measured by the client outside; absent without one
  std::optional<std::uint64_t>
      most_waiting;  ///< at once, counted by the server; absent without one
  Conditions conditions;
};

struct Surroundings {
  std::string child_program;  ///< path of vtlab-child
  User user;
  /// Called often with the number of finished units; must return soon.
  std::function<void(const Experiment&, std::uint32_t finished, std::uint64_t elapsed_ns)> progress;
};

/// Errors: lab::Error if the run could not begin. A run that began always ends in an Observation,
/// whatever happened; nothing of the program is left when it returns.
Observation observe(const Experiment& experiment, Observer& observer, Signals& signals,
                    const Surroundings& surroundings);

}  // namespace vtlab::lab
