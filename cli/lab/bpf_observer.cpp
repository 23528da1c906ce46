#include "lab/bpf_observer.h"

#include <algorithm>

#include "lab/procfs.h"

namespace vtlab::lab {

void BpfObserver::begin(const AtGate& program) {
  program_ = program;
  const auto tgid = static_cast<std::uint32_t>(program.tgid);
  tasks_at_gate_ = 1;
  std::uint64_t tasks = 1;
  if (!program.alone) {
    tasks_at_gate_ = static_cast<std::int64_t>(threads_of(tgid).size());
    // More than there can be: threads end while they are counted, and the tree must not be given up early.
    tasks = UINT32_MAX;
  }
  // Ours runs none of another language.
  recorder_.look_into(program.alone ? std::nullopt : runtime_of_process(program.tgid));
  session_.follow(tgid, tasks);
  recorder_.begin();
  steps_.clear();
  new_tasks_.clear();
  names_.clear();
  over_ = false;
  window_.begin();
  open_ = true;
}

std::optional<SoFar> BpfObserver::so_far() const {
  if (!open_) return {};
  const probes::Snapshot now = session_.read();
  SoFar out{window_.view(now), {}, program_.tgid};
  const auto ended = window_.count(now, probes::Counter::exits);
  if (out.view.kernel_tasks && ended)
    out.alive = *out.view.kernel_tasks + static_cast<std::uint64_t>(tasks_at_gate_) -
                std::min(*ended, *out.view.kernel_tasks);
  return out;
}

void BpfObserver::service() {
  recorder_.service([this](const probes::Event& event) {
    if (event.kind == probes::EventKind::started) steps_.emplace_back(event.time_ns, +1);
    if (event.kind == probes::EventKind::exited) steps_.emplace_back(event.time_ns, -1);
    if (program_.alone) return;
    if (event.kind == probes::EventKind::started && !over_) new_tasks_.insert(event.tid);
    if (event.kind == probes::EventKind::exited && new_tasks_.erase(event.tid))
      ++names_[event.comm.data()];
  });
}

// Of those that live, from procfs. Who ends before it is looked up there has said its name at its end.
void BpfObserver::name_the_living() {
  std::map<std::uint32_t, std::string> living;
  for (const std::uint32_t tid : new_tasks_)
    living[tid] = comm_of(static_cast<std::uint32_t>(program_.tgid), tid);
  over_ = true;
  service();
  for (const std::uint32_t tid : new_tasks_) ++names_[living.at(tid)];
}

KernelView BpfObserver::end() {
  service();
  open_ = false;
  const probes::Snapshot now = session_.read();
  if (!program_.alone) name_the_living();
  // What is left of it ends in the next window, perhaps.
  const auto tgid = static_cast<std::uint32_t>(program_.tgid);
  session_.forget(tgid, threads_of(tgid));

  KernelView view = window_.view(now);
  if (view.lost_events == 0 && view.kernel_tasks && window_.count(now, probes::Counter::exits)) {
    std::sort(steps_.begin(), steps_.end());
    std::int64_t alive = tasks_at_gate_, most = tasks_at_gate_;
    for (const auto& [time, step] : steps_) most = std::max(most, alive += step);
    view.peak_alive = static_cast<std::uint64_t>(most);
    if (!program_.alone) view.new_tasks_by_name = names_;
  }
  view.details = recorder_.end(now, view.probes);
  return view;
}

}  // namespace vtlab::lab
