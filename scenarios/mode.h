// mode.h — a concurrency mode: how units are made, and what that promises the kernel will see.
//
// To add one: a file in modes/ that defines `extern const Mode mode_NAME`, and NAME in
// scenarios/CMakeLists.txt.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "scenarios/actions.h"
#include "scenarios/claim.h"
#include "scenarios/foreign.h"
#include "scenarios/runtime.h"

namespace vtlab {

/// What N units of a mode need of the machine, for refusing too large an N before anything starts.
struct Needs {
  std::uint64_t kernel_tasks = 0;  ///< alive at once
  std::uint64_t memory_maps = 0;   ///< VMAs of one process (vm.max_map_count)
  std::uint64_t bytes =
      0;  ///< memory that will be touched, roughly: user stack pages, kernel stacks, tables
};

struct Mode {
  std::string_view name;              ///< on the command line
  std::string_view title;             ///< "M:N virtual threads of our own"
  std::string_view lesson;            ///< one sentence for `vtlab list`
  Action unit_action = Action::none;  ///< what starting a unit is called; listed in the ledger even
                                      ///< if it made no task
  bool units_are_processes = false;   ///< memory is then that of a process, not of a part of one
  /// Units that can wait at once; 0: all of them.
  std::uint32_t (*waiting_at_once)(const Params&) = nullptr;
  /// OS threads on which units run; null: each has one of its own.
  std::uint32_t (*threads)(const Params&) = nullptr;
  /// How many more it may start to stand in for those that units hold in Runtime::blocking; null: none.
  std::uint32_t (*spares)(const Params&) = nullptr;
  /// Without spares.
  Needs (*needs)(const Params&) = nullptr;
  std::unique_ptr<Runtime> (*make)(const Params&, const ActionBoard&) = nullptr;
  /// Makes an fd ready for units of this mode, before the window opens; may be null.
  void (*prepare)(int fd) = nullptr;
  std::span<const Claim* const> claims;  ///< true in every scenario
  bool has_poller = false;     ///< Params::poller decides how its units wait for descriptors
  bool has_event_log = false;  ///< its runtime writes one if Params::event_log asks for it
  bool has_procs = false;      ///< Params::carriers is the number of Ps, and shown as "procs"
  /// Throws std::system_error if this user, on this kernel, cannot have what Params ask for. Called before the
  /// window opens, and leaves nothing behind; may be null.
  void (*check)(const Params&) = nullptr;
  bool has_callbacks_only = false;  ///< no unit of it can wait: runs Scenario::callbacks
  /// Its units are threads of that language's runtime, and its program is another one; none: vtlab-child runs it.
  std::optional<Language> foreign = {};
};

}  // namespace vtlab
