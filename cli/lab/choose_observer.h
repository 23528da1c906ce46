// choose_observer.h — BPF where it can be had, else ptrace, and what to tell people about it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lab/observer.h"
#include "lab/request.h"
#include "probes/session.h"

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

/// Why there is no eBPF observer.
struct NoEbpf {
  std::vector<std::string> because;  ///< empty: nobody tried
  bool root_would_help = false;
};

/// What `make` makes, if it counts new tasks here; else null, and `no` says why.
template <class Make>
auto try_ebpf(Make make, NoEbpf& no) -> decltype(make()) {
  if (const auto no_capability = probes::why_not_bpf()) {
    no = {{*no_capability}, true};
  } else if (const auto not_here = why_not_from_here()) {
    no.because = {*not_here};
  } else {
    try {
      auto observer = make();
      no.because = observer->why_not_counting();
      if (no.because.empty()) return observer;
    } catch (const std::runtime_error& error) {
      no.because = {error.what()};
    }
  }
  return nullptr;
}

/// What people must know of numbers that ptrace counted, and how to get the rest.
std::vector<std::string> ptrace_notes(const NoEbpf& no, const std::string& with_root);

}  // namespace vtlab::lab
