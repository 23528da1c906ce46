// tree_observer.h — eBPF for any process tree: one that starts at a gate, or one that already runs.
//
// Owns      the session, the tree of who made what, and a pidfd for each process that was attached to.
// Rule      Counts come from maps and are exact whatever becomes of the events; the tree, and what
//           rests on it, comes from events and is absent if one was lost.
//
// Attaching to what runs must not stop it, so the tree grows while it is read. Each process is put
// into the observed tree before its children are looked up: a child that is born later is then
// followed by the kernel side itself, one that was born before is found. How many tasks a process
// has can change between reading and following; so its number of tasks is given too high for the
// kernel side ever to drop it, and its pidfd says when it is gone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/cgroup.h"
#include "lab/fd.h"
#include "lab/observer.h"
#include "lab/probe_window.h"
#include "lab/recorder.h"
#include "lab/task_tree.h"
#include "probes/session.h"

namespace vtlab::lab {

class TreeObserver final : public Observer {
 public:
  /// Errors: std::runtime_error if BPF cannot be had; see probes::Session.
  /// With a control group its processes are part of the tree, whenever they come into it.
  TreeObserver(const Recording& recording, std::optional<probes::Rung> rung,
               const Cgroup* cgroup = nullptr);

  std::string_view name() const override { return "ebpf"; }
  const char* why_no_switches() const override {
    return "no rung of sched_switch could be attached";
  }
  int slots_fd() const override { return session_.slots_fd(); }
  std::uint32_t slots() const override { return session_.slots(); }
  void begin(const AtGate& program) override;
  /// What the program's runtime did becomes part of the details, if it is to be recorded; before begin()
  /// or attach().
  void look_into(std::optional<RuntimeFile> runtime) { recorder_.look_into(std::move(runtime)); }
  /// Observes these processes and all their descendants, but not vtlab.
  void attach(const std::vector<pid_t>& roots);
  void service() override;
  int hurry_fd() const override { return recorder_.hurry_fd(); }
  void on_wait(pid_t, int) override {}
  KernelView end() override;
  KernelView look();  ///< what was seen so far, without details
  /// What is counted so far, with the details that are added up in the kernel; names of processes are not looked up.
  KernelView look_at_counts();

  /// Empty if new tasks are counted; else each rung that was tried and why it was refused.
  std::vector<std::string> why_not_counting() const { return lab::why_not_counting(session_); }
  /// Each question with the rung that answers it and those that were refused; counts are absent
  /// before begin() or attach().
  std::vector<result::ProbeNote> plan() const { return window_.notes(nullptr); }
  /// The attached tree made or ended tasks in every moment that was tried: what comes from events may
  /// differ from the counts by a few.
  bool never_paused() const { return never_paused_; }
  const TaskTree& tree() const { return tree_; }
  /// Nobody of the tree is left. At once by events; if one was missed, after a second.
  bool tree_has_ended();

 private:
  struct Family {
    std::uint32_t tgid;
    std::optional<std::uint32_t> parent;
  };
  KernelView view_at(const probes::Snapshot& now);
  KernelView counts_at(const probes::Snapshot& now);
  std::vector<Family> follow_families(const std::vector<pid_t>& roots);
  bool is_attached(std::uint32_t tgid) const;
  bool follow_running(std::uint32_t tgid);
  bool keep(std::uint32_t tgid);
  void take(const probes::Event& event);

  struct Attachment {
    std::uint32_t tgid;
    Fd pidfd;
  };

  probes::Session session_;
  ProbeWindow window_{session_};
  Recorder recorder_;
  std::vector<std::uint32_t> followed_;  // in begin(); forgotten in end()
  std::vector<Attachment> attached_;
  TaskTree tree_;
  unsigned asked_ = 0;
  bool never_paused_ = false;
};

}  // namespace vtlab::lab
