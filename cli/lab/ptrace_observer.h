// ptrace_observer.h — counts without privileges: the kernel stops each task of our own child that
// makes another one and tells us (ptrace(2), PTRACE_EVENT_CLONE, _FORK, _VFORK).
//
// Exact for the number of tasks, their cause and whether they share memory. It cannot see switches,
// and it makes creating tasks slower (two stops each), so times are not comparable with those of a
// BPF run.
#pragma once

#include <unordered_map>

#include "lab/observer.h"
#include "lab/shared_memory.h"

namespace vtlab::lab {

class PtraceObserver final : public Observer {
 public:
  PtraceObserver();

  std::string_view name() const override { return "ptrace"; }
  const char* why_no_switches() const override { return "ptrace sees no switches"; }
  int slots_fd() const override { return slots_.fd(); }
  std::uint32_t slots() const override { return slot_count_; }
  void begin(const AtGate& program) override;
  void service() override {}
  void on_wait(pid_t tid, int status) override;
  std::optional<SoFar> so_far() const override {
    return open_ ? std::optional(SoFar{view_, alive_, tgid_}) : std::nullopt;
  }
  KernelView end() override;

 private:
  bool seize(pid_t tid);
  void created(pid_t creator, pid_t child);
  void ended(pid_t tid);
  void go_on(pid_t tid, int signal = 0);

  std::uint32_t slot_count_;
  SharedMemory slots_;
  KernelView view_;
  std::uint64_t alive_ = 1;
  bool open_ = false;  // the window
  pid_t tgid_ = 0;
  std::uint64_t by_event_[3] = {};  // fork, vfork, clone

  // The two events of a birth come in either order. A new task is held until both have come, so
  // that none ends before it was counted.
  enum class Task { announced, held, running };
  std::unordered_map<pid_t, Task> tasks_;
};

}  // namespace vtlab::lab
