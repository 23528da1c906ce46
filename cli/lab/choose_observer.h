// choose_observer.h — BPF where it can be had, else ptrace, and what to tell people about it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lab/observer.h"
#include "lab/request.h"

namespace vtlab::lab {

struct ChosenObserver {
  std::unique_ptr<Observer> observer;
  std::vector<std::string> notes;  ///< what this observer cannot see and what to type to see it
};

/// `with_root` is the command line that would get the full view. Errors: lab::Error if the forced
/// choice is impossible.
ChosenObserver choose_observer(const Request& request, const std::string& with_root);

/// Why BPF cannot observe from here although it could be loaded, or nothing. Tids in a pid
/// namespace are not the kernel's own, by which the probes know tasks (pid_namespaces(7)).
std::optional<std::string> why_not_from_here();

}  // namespace vtlab::lab
