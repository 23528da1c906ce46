// kernel_timeline.h — switches in order of time, and the births and deaths of tasks → the kernel's side of a timeline.
//
// Rule      Pure: no system calls, but for the processes of tasks that were there before. Bounded: of more than
//           kMostRuns the later ones are counted, not kept.
// Threads   One at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "lab/lives.h"
#include "probes/scheduling.h"
#include "result/timeline.h"

namespace vtlab::lab {

class KernelTimeline {
 public:
  static constexpr std::size_t kMostRuns = std::size_t{1} << 22;  // 48 bytes each

  /// `begin_ns`: when recording began. The lives must stay as they are meanwhile.
  KernelTimeline(const Lives& lives, std::uint64_t begin_ns);

  /// Its times are CLOCK_MONOTONIC.
  void take(const probes::Switch& s);
  /// Once. Its times are CLOCK_MONOTONIC, see to_window().
  result::Timeline finish(std::uint64_t end_ns, std::uint64_t lost_switches);

 private:
  using Run = result::Timeline::Run;
  static constexpr std::size_t kNotKept = SIZE_MAX;
  struct State {
    bool seen = false, ended = false;
    std::optional<std::size_t> run;  // while it runs: a place in the runs, or kNotKept
    std::uint16_t cpu = 0;           // of that run
  };

  std::uint32_t add_task(const Life& life);
  std::uint32_t task(std::uint32_t tid, bool born);
  void find_makers();
  void stops(const probes::Switch& s);
  void starts(const probes::Switch& s);
  void begin_run(State& state, const Run& run);
  void end_run(std::uint32_t task, std::uint64_t at_ns, result::Timeline::RunEnd how);

  const Lives& lives_;
  LifeFinder finder_;
  const std::uint64_t begin_ns_;
  result::Timeline out_;
  std::vector<State> states_;                               // by task
  std::unordered_map<std::uint32_t, std::uint32_t> owner_;  // of a tid: the task that has run last
  std::unordered_map<std::uint16_t, std::uint32_t> on_cpu_;
  result::Rows<Run> before_;  // of tasks that ran when recording began; nobody had told of them
  std::uint64_t not_kept_ = 0;
};

/// Makes times relative to the window and drops what lies outside of it. `start_ns`, `end_ns`: CLOCK_MONOTONIC.
void to_window(result::Timeline& timeline, std::uint64_t start_ns, std::uint64_t end_ns);

}  // namespace vtlab::lab
