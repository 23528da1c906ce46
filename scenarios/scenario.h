// scenario.h — one small workload. The whole file of a scenario is the lesson.
//
// To add one: a file here that defines `extern const Scenario scenario_NAME`, and NAME in
// scenarios/CMakeLists.txt.
#pragma once

#include <span>
#include <string_view>

#include "scenarios/claim.h"
#include "scenarios/foreign.h"
#include "scenarios/params.h"
#include "scenarios/workload.h"

namespace vtlab {

struct Mode;

/// A number that a scenario's body finds out for itself (Workload::report), and what people read of it.
struct Reported {
  std::string_view key;    ///< snake_case; the metric's key, too
  std::string_view title;  ///< "increments that were lost"
  std::string_view unit;   ///< "count", "ns", "bytes", "count/unit", …
  /// Why it may not be reported, as a sentence; empty: it always is, if the body ends.
  std::string_view if_absent = {};
  std::string_view source = "the workload's own count";
};

/// What a unit that waits holds besides itself.
enum class Waiting {
  as_the_mode,  ///< it waits through Runtime: the mode decides
  in_kernel,  ///< it makes a system call that the mode knows nothing of: its OS thread waits with it
  announced,  ///< the same within Runtime::blocking: a mode may have more OS threads stand in
};

/// What a body reports that starts as many units as it gets.
inline constexpr std::string_view kUnitsStarted = "units_started";

struct Scenario {
  std::string_view name;    ///< on the command line
  std::string_view title;   ///< what the N units do, to follow "N units "
  std::string_view lesson;  ///< one sentence for `vtlab list`
  /// One connection per unit to a server outside the observed process, made before the window.
  bool needs_server = false;
  /// The same, but at the other end is a client that asks so many times (cli/lab/load_client.h) and then
  /// closes: the units are the server. 0: no client.
  std::uint32_t requests_per_client = 0;
  /// --over is the user's choice: sockets, pipes, or a file, of which nobody is at the other end.
  bool chooses_over = false;
  /// --pin is the user's choice, in the modes of Java.
  bool chooses_pin = false;
  Waiting waiting = Waiting::as_the_mode;
  Params defaults;  ///< tasks is prime, so that a match is not luck; carriers 0: as many as CPUs
  void (*body)(Workload&) = nullptr;
  std::span<const Claim* const> claims;  ///< beside those of the mode
  /// The same work as callbacks, for the mode that has nothing else (modes/event_loop.h). Null: it cannot
  /// be said so; `refuses` need not repeat that.
  void (*callbacks)(Workload&, EventLoop&) = nullptr;
  /// Why it makes no sense in that mode, as a sentence; empty: it does. Null: it does in all.
  std::string_view (*refuses)(const Mode&, const Params&) = nullptr;
  std::span<const Reported> reports = {};
  /// Key of the reported number that counts the work ("requests": the client's own count): kernel switches
  /// and mounts are then shown per one of it, too. Empty: the unit is the only measure.
  std::string_view operations = {};
  /// Kernel tasks that the body makes beside those of the mode's units. Null: none.
  std::uint64_t (*makes)(const Params&, const Mode&) = nullptr;
  /// A view (--show) beside the ledger without which there is little to see: its records are taken if they
  /// can be. Empty: none.
  std::string_view watch = {};
  /// The body starts units, all alive at once, until one is refused: that is its result, and no number of
  /// units is too many to ask for. It reports `kUnitsStarted`; those never started are not missed.
  bool until_refused = false;
  /// Written in these, too (scenarios/foreign), for the modes of other runtimes.
  Languages languages = {};
};

}  // namespace vtlab
