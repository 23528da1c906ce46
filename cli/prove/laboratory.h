// laboratory.h — runs experiments with what each wants recorded; attaching takes time, so an observer is kept
// for as long as the same is wanted.
#pragma once

#include <optional>

#include "lab/choose_observer.h"
#include "lab/observe.h"

namespace vtlab::prove {

class Laboratory {
 public:
  /// Borrows both. Errors: lab::Error if the observer asked for cannot be had.
  Laboratory(lab::ObserverChoice choice, std::string with_root, lab::Signals& signals,
             const lab::Surroundings& surroundings);

  /// eBPF observes, not ptrace.
  bool sees_all() const { return observer_.observer->name() == "ebpf"; }
  const std::vector<std::string>& notes() const { return notes_; }

  lab::Observation run(const lab::Experiment& experiment, const lab::Recording& recording);

 private:
  void attach(const lab::Recording& recording);

  const lab::ObserverChoice choice_;
  const std::string with_root_;
  lab::Signals& signals_;
  const lab::Surroundings& surroundings_;
  lab::ChosenObserver observer_;
  lab::Recording recording_;  // what observer_ records
  std::vector<std::string> notes_;
};

}  // namespace vtlab::prove
