#include "lab/watch_summary.h"

namespace vtlab::lab {
namespace {

using result::Metric;

const result::ProbeNote* find(const KernelView& kernel, std::string_view counter) {
  for (const result::ProbeNote& probe : kernel.probes) {
    if (probe.counter == counter) return &probe;
  }
  return nullptr;
}

// "tp_btf sched_wakeup_new"; empty if nobody answered.
std::string source(const KernelView& kernel, std::string_view counter) {
  const result::ProbeNote* probe = find(kernel, counter);
  return probe && !probe->rung.empty() ? probe->rung + " " + probe->hook : "";
}

Metric count(std::string key, std::string title, std::string source,
             std::optional<std::uint64_t> value, std::string missing_because) {
  Metric metric{std::move(key), std::move(title), "count", {}, {}, {}, {}, {}};
  if (value) {
    metric.value = static_cast<double>(*value);
    metric.source = std::move(source);
  } else {
    metric.missing_because = std::move(missing_because);
  }
  return metric;
}

// Only a probe on the function itself is passed by requests that then fail.
Metric failed_requests(const KernelView& kernel) {
  const std::string key = "requests_without_task", title = "requests that made no task";
  const result::ProbeNote* requests = find(kernel, "kernel_clone");
  const bool function = requests && (requests->rung == "fentry" || requests->rung == "kprobe");
  if (!function)
    return count(key, title, {}, {},
                 "no probe on the function kernel_clone can be attached here, and what can be "
                 "(sched_process_fork, ptrace) sees only requests that succeed");
  const std::uint64_t asked = requests->count.value_or(0), made = kernel.kernel_tasks.value_or(0);
  if (asked < made)
    return count(key, title, {}, {},
                 "tasks were made that nobody asked for by a system call (io_uring workers), so "
                 "the difference says nothing");
  return count(key, title, source(kernel, "kernel_clone") + " − new kernel tasks", asked - made,
               {});
}

std::vector<Metric> counts(const Watched& watched, const TaskTree* tree) {
  const KernelView& kernel = watched.kernel;
  const bool ebpf = tree != nullptr;
  const bool events = ebpf && kernel.lost_events == 0;
  const std::string no_events = !ebpf ? "the ptrace observer does not tell them apart"
                                      : std::to_string(kernel.lost_events) + " events were lost";
  const std::string wake = ebpf ? source(kernel, "wake_new") : "ptrace";
  const auto of_tree = [&](std::uint64_t (TaskTree::*value)() const) {
    return events ? std::optional((tree->*value)()) : std::nullopt;
  };
  std::optional<std::uint64_t> sharing;
  if (!kernel.by_action.empty()) sharing = kernel.by_action.front().sharing_mm;

  std::vector<Metric> all;
  all.push_back(count("kernel_tasks", "new kernel tasks", wake, kernel.kernel_tasks,
                      "no rung answers the question"));
  all.push_back(count("threads", "threads", wake, of_tree(&TaskTree::threads), no_events));
  all.push_back(
      count("processes", "processes", wake, of_tree(&TaskTree::new_processes), no_events));
  all.push_back(count("sharing_mm", "of both, sharing their creator's memory",
                      ebpf ? source(kernel, "copy_process") : "kcmp(2)", sharing,
                      "no rung answers the question"));
  all.push_back(failed_requests(kernel));
  all.push_back(count("switches", "task switches", source(kernel, "switches"), kernel.switches,
                      ebpf ? "no rung answers the question" : "ptrace sees no switches"));
  all.push_back(count("exits", "exits", ebpf ? source(kernel, "exits") : "wait(2)", kernel.exits,
                      "no rung answers the question"));
  all.push_back(count("most_alive", "most tasks alive at once",
                      ebpf ? "births and deaths" : "ptrace", kernel.peak_alive,
                      ebpf && !events ? no_events : "births or deaths unseen"));
  return all;
}

void add_processes(result::Observed& to, const TaskTree& tree) {
  for (const TaskTree::Process& process : tree.processes()) {
    result::ObservedProcess row;
    row.id = to.processes.size();
    row.by_id = process.by;
    row.pid = process.tgid;
    row.ended = process.alive == 0;
    row.name = process.name;
    row.was_there = process.was_there;
    row.threads_made = process.threads_made;
    row.processes_made = process.processes_made;
    to.processes.push_back(std::move(row));
  }
  to.processes_not_listed = tree.not_listed();
}

}  // namespace

result::Observed summarize_counts(const WatchRequest& request, const Watched& watched,
                                  const TaskTree* tree, const result::Host& host) {
  result::Observed observed;
  observed.host = host;
  observed.command = request.command;
  if (request.pid) observed.pid = static_cast<std::uint64_t>(*request.pid);
  if (request.cgroup) observed.cgroup = request.cgroup->path;
  observed.observer = tree ? "ebpf" : "ptrace";
  observed.partial = !watched.partial_because.empty();
  observed.partial_because = watched.partial_because;
  observed.void_because = watched.kernel.void_because;
  observed.exit = watched.exit;
  observed.wall_ns = watched.wall_ns;
  observed.counts = counts(watched, tree);
  observed.probes = watched.kernel.probes;
  observed.lost_events = watched.kernel.lost_events;
  observed.details = watched.kernel.details;
  return observed;
}

result::Observed summarize(const WatchRequest& request, const Watched& watched,
                           const TaskTree* tree, const result::Host& host) {
  result::Observed observed = summarize_counts(request, watched, tree, host);
  if (!tree)
    observed.processes_missing_because = "the ptrace observer keeps no tree";
  else if (watched.kernel.lost_events != 0)
    observed.processes_missing_because =
        std::to_string(watched.kernel.lost_events) + " events were lost";
  else
    add_processes(observed, *tree);
  if (observed.processes.empty() && observed.processes_missing_because.empty())
    observed.processes_missing_because = "no process was seen";
  return observed;
}

}  // namespace vtlab::lab
