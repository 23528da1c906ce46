#include "lab/tree_observer.h"

#include <dirent.h>
#include <poll.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "lab/procfs.h"
#include "scenarios/unit_log.h"

namespace vtlab::lab {
namespace {

// More than a process can have: see the header comment.
constexpr std::uint64_t kNeverRetired = std::uint64_t{1} << 32;

// Every process with its parent: /proc/PID/task/TID/children is not built into every kernel.
std::multimap<std::uint32_t, std::uint32_t> children_by_parent() {
  std::multimap<std::uint32_t, std::uint32_t> children;
  DIR* dir = opendir("/proc");
  if (!dir) return children;
  while (const dirent* entry = readdir(dir)) {
    const auto pid = static_cast<std::uint32_t>(std::strtoul(entry->d_name, nullptr, 10));
    if (pid == 0) continue;
    std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(in, text);
    const auto name_end = text.rfind(") ");  // then: state, parent
    if (name_end == std::string::npos || text.size() < name_end + 5) continue;
    const auto parent = std::strtoul(text.c_str() + name_end + 4, nullptr, 10);
    children.emplace(static_cast<std::uint32_t>(parent), pid);
  }
  closedir(dir);
  return children;
}

}  // namespace

TreeObserver::TreeObserver(const Recording& recording, std::optional<probes::Rung> rung,
                           const Cgroup* cgroup)
    : session_(session_options(recording, rung, cgroup ? cgroup->directory.get() : -1)),
      recorder_(session_, window_, recording, TaskGrouping::by_name) {}

void TreeObserver::begin(const AtGate& program) {
  const auto root = static_cast<std::uint32_t>(program.tgid);
  followed_.push_back(root);
  session_.follow(root, 1);
  tree_.begin_with(root, {root});
  recorder_.begin();
  window_.begin();
}

// Counts and tree begin at one moment: one around which there was no event. A program that never
// pauses gets the last try: some of its tasks may then be listed as new that were there, or not at all.
void TreeObserver::attach(const std::vector<pid_t>& roots) {
  constexpr int kTries = 20;
  bool quiet = false;
  for (int i = 0; i < kTries && !quiet; ++i) {
    recorder_.begin();
    const std::vector<Family> families = follow_families(roots);
    window_.begin();
    const std::uint64_t read_at_ns = monotonic_ns();
    tree_ = TaskTree();
    for (const Family& process : families) {
      if (const auto tids = threads_of(process.tgid); !tids.empty())
        tree_.begin_with(process.tgid, tids, process.parent);
    }
    quiet = true;
    recorder_.service([&](const probes::Event& event) {
      quiet = false;
      if (event.kind == probes::EventKind::joined) keep(event.tgid);
      if (i + 1 == kTries && event.time_ns >= read_at_ns) take(event);
    });
  }
  never_paused_ = !quiet;
}

// The processes and their descendants, parents first, each of them once and followed.
std::vector<TreeObserver::Family> TreeObserver::follow_families(const std::vector<pid_t>& roots) {
  const auto self = static_cast<std::uint32_t>(getpid());
  for (const pid_t root : roots) follow_running(static_cast<std::uint32_t>(root));
  for (;;) {
    const auto children = children_by_parent();
    std::set<std::uint32_t> listed{self};
    // To somebody of the families: no root, even if it was named as one.
    std::set<std::uint32_t> born;
    for (const Attachment& process : attached_) {
      const auto [from, to] = children.equal_range(process.tgid);
      for (auto child = from; child != to; ++child) born.insert(child->second);
    }
    std::vector<Family> families;
    for (const Attachment& process : attached_)
      if (!born.contains(process.tgid) && listed.insert(process.tgid).second)
        families.push_back({process.tgid, {}});
    bool found_more = false;
    for (std::size_t i = 0; i < families.size(); ++i) {
      const std::uint32_t parent = families[i].tgid;
      const auto [from, to] = children.equal_range(parent);
      for (auto child = from; child != to; ++child) {
        if (!listed.insert(child->second).second) continue;
        families.push_back({child->second, parent});
        found_more = follow_running(child->second) || found_more;
      }
    }
    if (!found_more) return families;
  }
}

bool TreeObserver::is_attached(std::uint32_t tgid) const {
  return std::any_of(attached_.begin(), attached_.end(),
                     [&](const Attachment& other) { return other.tgid == tgid; });
}

// True if it was not followed before and runs.
bool TreeObserver::follow_running(std::uint32_t tgid) {
  if (!keep(tgid)) return false;
  session_.follow(tgid, kNeverRetired);
  return true;
}

// Watches for the end of a process that the kernel side will not retire. True if it runs and was not
// watched before.
bool TreeObserver::keep(std::uint32_t tgid) {
  if (is_attached(tgid)) return false;
  Fd pidfd(static_cast<int>(syscall(SYS_pidfd_open, tgid, 0)));
  pollfd ended{pidfd.get(), POLLIN, 0};
  if (!pidfd || poll(&ended, 1, 0) != 0) return false;
  attached_.push_back({tgid, std::move(pidfd)});
  return true;
}

void TreeObserver::take(const probes::Event& event) {
  if (event.kind == probes::EventKind::joined) {
    if (!is_attached(event.tgid) && !keep(event.tgid)) session_.forget(event.tgid);
    std::vector<std::uint32_t> tids = threads_of(event.tgid);
    if (tids.empty()) tids.push_back(event.tid);  // its end comes later in the stream
    if (!tree_.knows(event.tgid)) tree_.begin_with(event.tgid, tids);
  } else {
    tree_.take(event);
  }
}

void TreeObserver::service() {
  recorder_.service([this](const probes::Event& event) { take(event); });
  std::erase_if(attached_, [this](const Attachment& process) {
    pollfd ended{process.pidfd.get(), POLLIN, 0};
    if (poll(&ended, 1, 0) <= 0) return false;
    session_.forget(process.tgid);
    return true;
  });
}

bool TreeObserver::tree_has_ended() {
  if (!attached_.empty()) return false;
  if (tree_.alive() == 0) return true;
  // An event may have been lost, or somebody was just ending when vtlab attached.
  constexpr unsigned kSeldom = 512;
  if (++asked_ % kSeldom != 0) return false;
  const auto living = tree_.living();
  return std::all_of(living.begin(), living.end(), [](std::uint32_t tgid) {
    return kill(static_cast<pid_t>(tgid), 0) != 0 && errno == ESRCH;
  });
}

KernelView TreeObserver::end() {
  service();
  const probes::Snapshot now = session_.read();
  KernelView view = view_at(now);
  for (const std::uint32_t tgid : followed_) session_.forget(tgid);
  for (const Attachment& process : attached_) session_.forget(process.tgid);
  view.details = recorder_.end(now, view.probes);
  return view;
}

KernelView TreeObserver::look() {
  service();
  return view_at(session_.read());
}

KernelView TreeObserver::look_at_counts() {
  service();
  KernelView view = counts_at(session_.read());
  view.details = recorder_.so_far(view.probes);
  return view;
}

KernelView TreeObserver::view_at(const probes::Snapshot& now) {
  tree_.name_the_living([](std::uint32_t tgid) { return comm_of(tgid, tgid); });
  return counts_at(now);
}

KernelView TreeObserver::counts_at(const probes::Snapshot& now) {
  KernelView view = window_.view(now);
  if (!view.by_action.empty()) {  // nobody publishes actions here: all rows are one
    KernelView::Row all{*view.kernel_tasks, {}};
    for (const KernelView::Row& row : view.by_action) {
      if (row.sharing_mm) all.sharing_mm = all.sharing_mm.value_or(0) + *row.sharing_mm;
    }
    view.by_action = {all};
  }
  if (view.lost_events == 0 && view.kernel_tasks && window_.count(now, probes::Counter::exits))
    view.peak_alive = tree_.most_alive();
  return view;
}

}  // namespace vtlab::lab
