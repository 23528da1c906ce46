// observer.h — whoever counts kernel tasks: BPF with privileges, ptrace without.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "result/result.h"

namespace vtlab::lab {

/// What was seen of the kernel in one window. Facts only; what was not observed is absent, never 0.
struct KernelView {
  struct Row {
    std::uint64_t kernel_tasks = 0;
    std::optional<std::uint64_t> sharing_mm;
  };
  std::optional<std::uint64_t> kernel_tasks;
  std::vector<Row> by_action;  ///< indexed by action number; empty if not observed
  std::optional<std::uint64_t> switches;
  std::optional<std::uint64_t> exits;  ///< tasks of the tree that ended
  std::optional<std::uint64_t>
      peak_alive;  ///< tasks of the tree alive at once, the first one included
  /// Of a program that was not alone at the gate, each new task's name (comm(5)) at its end or at that of the
  /// window; absent: not observed, or events were lost.
  std::optional<std::map<std::string, std::uint64_t>> new_tasks_by_name;
  std::vector<result::ProbeNote> probes;
  std::uint64_t lost_events = 0;
  result::Details details;   ///< absent unless asked for, and seen only with BPF
  std::string void_because;  ///< evidence was lost: no claim may rest on this view
};

/// What can be said while the window is open.
struct SoFar {
  KernelView view;                     ///< without details, and without what only all events tell
  std::optional<std::uint64_t> alive;  ///< tasks of the tree, the first one included
  pid_t tgid = 0;                      ///< of the program
};

/// A program that waits at the gate.
struct AtGate {
  pid_t tgid = 0;
  /// It is one of ours, with one task. Another runtime has threads already, and may start and end some.
  bool alone = true;
};

class Observer {
 public:
  Observer() = default;
  virtual ~Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  virtual std::string_view name() const = 0;        ///< "ebpf", "ptrace"
  virtual const char* why_no_switches() const = 0;  ///< why KernelView::switches is absent
  /// The action slots, for the observed program to map, and their number.
  virtual int slots_fd() const = 0;
  virtual std::uint32_t slots() const = 0;

  /// Begins the window. Errors: lab::Error.
  virtual void begin(const AtGate& program) = 0;
  /// To be called every few milliseconds while the window is open.
  virtual void service() = 0;
  /// Costs some system calls, and the program nothing; nothing if no window is open.
  virtual std::optional<SoFar> so_far() const { return {}; }
  /// Readable when service() is wanted at once; -1: never. The observer's.
  virtual int hurry_fd() const { return -1; }
  /// A wait status of anything but the program's own end.
  virtual void on_wait(pid_t tid, int status) = 0;
  /// The window is over; the program has no more to do, or is dead.
  virtual KernelView end() = 0;
};

}  // namespace vtlab::lab
