// run_screen.h — a run while it happens, on a screen that is redrawn (vtlab run --live).
//
// Owns      the terminal's other screen, see live.h, and what was last seen of the run.
// Cost      twice a second: the counters of the probes, which are there anyway, and /proc of at most kMostTasks tasks. With more
//           alive, /proc is left alone: reading it would take the CPU from the program.
// Threads   The one that made it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "commands/live.h"
#include "lab/carriers.h"
#include "lab/observe.h"
#include "render/frame.h"

namespace vtlab::commands {

/// Everything that can be said of a run that goes on. Pure. `before` may be null; `position`: "run 2 of 3", may be empty.
render::Frame frame_of(const lab::Experiment& experiment, std::uint32_t finished,
                       std::uint64_t elapsed_ns, const lab::SoFar& now, const lab::SoFar* before,
                       std::uint64_t since_before_ns, const std::string& position);

class RunScreen {
 public:
  static constexpr std::uint64_t kMostTasks = 64;

  /// Errors: lab::Error (usage) if standard error is not a screen.
  RunScreen(std::size_t experiments, render::Options look)
      : experiments_(experiments), look_(std::move(look)) {}

  void next();
  void show(const lab::Experiment& experiment, std::uint32_t finished, std::uint64_t elapsed_ns,
            const lab::Observer& observer);

 private:
  Live live_;
  const std::size_t experiments_;
  const render::Options look_;
  std::size_t experiment_ = 0;
  lab::Carriers carriers_;
  std::optional<lab::SoFar> before_;
  std::uint64_t before_ns_ = 0;
};

}  // namespace vtlab::commands
