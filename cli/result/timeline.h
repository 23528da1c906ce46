// timeline.h — part of the result model: one run on one clock. Which task had which CPU, which unit was on which task,
// and what happened to units in between.
//
// Units are what the program's own runtime switches: vthreads, Gs, virtual threads of Java. The runtime knows them by a
// word (an id, an address), by which they are told apart here, too. Where units are kernel tasks themselves, Task::unit
// says so and there are no mounts: the runs are all there is.
//
// Rule      Times are ns from start_ns on, CLOCK_MONOTONIC. All are in order of time.
// Rule      Others are named by their place in `tasks` and `units`; kNobody is no place.
// Rule      Memory goes by the tasks; what there may be millions of is in Rows.
// Rule      What found no room is in `lost`, by kind; nothing is dropped silently.
// Threads   Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "result/rows.h"

namespace vtlab::result {

struct Timeline {
  static constexpr std::uint32_t kNobody = UINT32_MAX;
  static constexpr std::uint64_t kNotKnown = UINT64_MAX;  ///< in the place of a number

  /// A kernel task: one life of a tid.
  struct Task {
    std::uint32_t tid = 0, tgid = 0;  ///< tgid 0: not known
    std::string name;                 ///< comm(5) at its end; empty if not known
    std::string role;    ///< "main", "carrier 0", "M 3", "sysmon"; empty if it is not known
    std::string action;  ///< that made it, as in the ledger; empty if none was told
    std::uint32_t unit = kNobody;     ///< the unit that it is, all its life
    std::uint32_t made_by = kNobody;  ///< a task
    std::optional<std::uint64_t> born_ns,
        ended_ns;  ///< absent: it was there before, it is still there
  };

  struct Unit {
    std::uint64_t id = 0;                 ///< the word by which its runtime knows it
    std::optional<std::uint64_t> number;  ///< of the scenario's unit, from 0 on
    std::uint32_t name = kNobody;         ///< a place in `unit_names`
  };

  enum class RunEnd : std::uint8_t {
    blocked,    ///< it waits
    yielded,    ///< it gave way and is runnable
    preempted,  ///< it had to give way
    ended,      ///< for ever
    open        ///< it still ran when recording ended, or nobody saw its end
  };
  enum class WokenBy : std::uint8_t {
    nobody,     ///< it was runnable: preempted before, or it ran before recording began
    task,       ///< `waker`
    interrupt,  ///< an interrupt: on an idle CPU, or while the task itself had not stopped yet
    outside     ///< a task that is not observed
  };
  /// A task had a CPU.
  struct Run {
    std::uint64_t from_ns = 0, to_ns = 0;
    std::uint64_t waited_ns = kNotKnown;  ///< runnable before that, without a CPU
    std::uint32_t task = kNobody, waker = kNobody;
    std::uint16_t cpu = 0;
    RunEnd end = RunEnd::open;
    WokenBy woken = WokenBy::nobody;
  };

  enum class MountEnd : std::uint8_t {
    parked,    ///< it waits
    yielded,   ///< it gave way and is runnable
    done,      ///< for ever
    blocking,  ///< back from a call that held its task, it has to wait until it may run
    open       ///< it was still mounted when recording ended
  };
  /// A unit was on a task, whether or not that had a CPU.
  struct Mount {
    std::uint64_t from_ns = 0, to_ns = 0;
    std::uint32_t unit = kNobody, task = kNobody;
    MountEnd end = MountEnd::open;
  };

  enum class Kind : std::uint8_t {
    start,          ///< the unit becomes runnable for the first time; by
    park,           ///< it begins to wait; reason
    unpark,         ///< its wait is over; by
    signal,         ///< it was woken while it did not wait; by
    pin,            ///< it begins to wait and holds its task meanwhile; reason
    unpin,          ///< that wait is over
    block,          ///< it enters a call that holds its task
    unblock,        ///< that call has returned
    done,           ///< its work is done
    steal,          ///< `task` took `number` units from the queue of `peer`, if that is a task
    compensate,     ///< `task` is about to be held: `peer` stands in for it; reason
    hand_off,       ///< the right to run units, P `number`, goes to `peer`; reason
    carrier_start,  ///< `task` begins to run units
    carrier_stop,
    sleep,  ///< `task` has no unit to run; reason
    wake
  };
  enum class Actor : std::uint8_t {
    nobody,         ///< nothing is known of that
    unit,           ///< `number` is its place
    task,           ///< `number` is its place
    descriptor,     ///< it became ready; `number` says which
    deadline,       ///< a time was over
    earlier_signal  ///< the signal before, which came too early to be an unpark
  };
  struct Event {
    std::uint64_t at_ns = 0;
    std::uint64_t number = kNotKnown;  ///< see Kind and Actor
    std::uint32_t task = kNobody;      ///< where; kNobody: not on an observed task, or not known
    std::uint32_t unit = kNobody;      ///< about whom
    std::uint32_t peer = kNobody;      ///< another task: see Kind
    std::uint32_t reason = kNobody;    ///< a place in `words`
    Kind kind{};
    Actor by = Actor::nobody;
  };

  struct Loss {
    std::string what;  ///< "switches", "records of the runtime", …
    std::uint64_t count = 0;
  };

  std::uint64_t start_ns = 0, length_ns = 0;
  std::vector<Task> tasks;              ///< in order of birth
  std::vector<std::string> unit_names;  ///< of those that have one
  Rows<Unit> units;
  Rows<Run> runs;
  Rows<Mount> mounts;
  Rows<Event> events;
  std::vector<std::string> words;  ///< reasons
  std::vector<Loss> lost;
  /// Why there are no mounts although units are no tasks of their own, or not all of them; empty if all are there, or
  /// nobody has units.
  std::string mounts_missing_because;
};

}  // namespace vtlab::result
