// frame.h — one moment of a run, as a screen shows it: played from a record (player.h), or looked at while it happens.
//
// Rule      As in renderer.h: plain values and a pure function. What is not known is absent and not drawn, never 0.
// Threads   Callable from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "render/renderer.h"

namespace vtlab::render {

struct Frame {
  /// Kernel tasks by what made them.
  struct Action {
    std::string title;                    ///< "start carrier"
    std::optional<std::uint64_t> so_far;  ///< absent: nobody told the moment of each
    std::optional<std::uint64_t> in_all;  ///< absent: the run has not ended yet
  };
  /// How many units are in a state. The words are enough without the colour.
  struct State {
    std::string name;  ///< "waiting"
    std::uint64_t units = 0;
    Tone tone = Tone::plain;
  };
  /// A CPU, or a task that carries units.
  struct Place {
    std::string name;    ///< "carrier 0"
    std::string holder;  ///< "unit 7"; empty: nobody
    std::string note;    ///< "on CPU 1"
  };
  /// A number that only grows, with what it counts: "parks".
  struct Count {
    std::string name;
    std::uint64_t so_far = 0;
    std::optional<double> per_second;
  };

  std::string title;                       ///< what is run, and how
  std::uint64_t at_ns = 0;                 ///< since the beginning of the run
  std::optional<std::uint64_t> length_ns;  ///< of all of it; also: as it is expected to be
  bool expected = false;                   ///< length_ns is
  std::string pace;                        ///< "143 times slower, paused"; may be empty

  std::optional<std::uint64_t> made, alive;  ///< kernel tasks
  std::vector<Action> actions;
  std::uint64_t units = 0;  ///< 0: it has none
  std::vector<State> states;
  std::vector<Count> counts;
  std::vector<Place> places;
  std::uint64_t more_places = 0;    ///< beside those
  std::vector<std::string> latest;  ///< what has happened, the last one last
  std::string below;                ///< the last line: what keys do, or why something is absent
};

/// At most `lines` lines, none wider than Options::width. What there is little room for is cut: what has happened first.
std::string draw(const Frame& frame, const Options& options, std::size_t lines);

}  // namespace vtlab::render
