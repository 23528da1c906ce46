// bpf_observer.h — counts with BPF: exact for every task of the tree, whatever it does.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lab/observer.h"
#include "lab/probe_window.h"
#include "lab/recorder.h"
#include "probes/session.h"

namespace vtlab::lab {

class BpfObserver final : public Observer {
 public:
  /// Errors: std::runtime_error if BPF cannot be had; see probes::Session.
  BpfObserver(const Recording& recording, std::optional<probes::Rung> rung)
      : session_(session_options(recording, rung)),
        recorder_(session_, window_, recording, TaskGrouping::by_action) {}

  /// Empty if new tasks are counted; else each rung that was tried and why it was refused.
  std::vector<std::string> why_not_counting() const { return lab::why_not_counting(session_); }

  std::string_view name() const override { return "ebpf"; }
  const char* why_no_switches() const override {
    return "no rung of sched_switch could be attached";
  }
  int slots_fd() const override { return session_.slots_fd(); }
  std::uint32_t slots() const override { return session_.slots(); }
  void begin(const AtGate& program) override;
  void service() override;
  void on_wait(pid_t, int) override {}
  std::optional<SoFar> so_far() const override;
  KernelView end() override;

 private:
  void name_the_living();

  probes::Session session_;
  ProbeWindow window_{session_};
  Recorder recorder_;
  AtGate program_;
  std::int64_t tasks_at_gate_ = 1;
  // Unless it was alone: new tasks that have not ended, and the names of those that have.
  std::set<std::uint32_t> new_tasks_;
  std::map<std::string, std::uint64_t> names_;
  bool over_ = false;  // the window: who begins now is nobody's
  bool open_ = false;
  // Births and deaths since begin(), for the number alive at once.
  std::vector<std::pair<std::uint64_t, int>> steps_;
};

}  // namespace vtlab::lab
