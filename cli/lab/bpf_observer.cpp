#include "lab/bpf_observer.h"

#include <algorithm>

namespace vtlab::lab {

void BpfObserver::begin(pid_t tgid) {
  root_ = static_cast<std::uint32_t>(tgid);
  session_.follow(root_, 1);
  recorder_.begin();
  steps_.clear();
  window_.begin();
}

void BpfObserver::service() {
  recorder_.service([this](const probes::Event& event) {
    if (event.kind == probes::EventKind::started) steps_.emplace_back(event.time_ns, +1);
    if (event.kind == probes::EventKind::exited) steps_.emplace_back(event.time_ns, -1);
  });
}

KernelView BpfObserver::end() {
  service();
  const probes::Snapshot now = session_.read();
  session_.forget(root_);

  KernelView view = window_.view(now);
  if (view.lost_events == 0 && view.kernel_tasks && window_.count(now, probes::Counter::exits)) {
    std::sort(steps_.begin(), steps_.end());
    std::int64_t alive = 1, most = 1;
    for (const auto& [time, step] : steps_) most = std::max(most, alive += step);
    view.peak_alive = static_cast<std::uint64_t>(most);
  }
  view.details = recorder_.end(now, view.probes);
  return view;
}

}  // namespace vtlab::lab
