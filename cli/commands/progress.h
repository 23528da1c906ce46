// progress.h — one line on a terminal that says how far a run is; nothing where nobody looks
// (stderr is no terminal).
#pragma once

#include <cstddef>

#include "lab/observe.h"

namespace vtlab::commands {

class Progress {
 public:
  explicit Progress(std::size_t experiments);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void next() { ++experiment_; }
  /// So many are done, of so many, and what is left after the one that comes next takes about so long.
  void set(std::size_t done, std::size_t experiments, std::uint64_t left_after_ns);
  void clear();
  void show(const lab::Experiment& experiment, std::uint32_t finished, std::uint64_t elapsed_ns);

 private:
  std::size_t experiments_;
  std::size_t experiment_ = 0;
  std::uint64_t left_after_ns_ = 0;
  const bool visible_;
  std::uint64_t shown_at_ns_ = 0;
};

}  // namespace vtlab::commands
