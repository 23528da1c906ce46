#include "scenarios/limits.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <limits>

namespace vtlab {
namespace {

std::uint64_t number_in(const std::string& file) {
  std::uint64_t value = 0;
  std::ifstream(file) >> value;
  return value;
}

// The number after a word in a file of words and numbers.
std::uint64_t number_after(const std::string& file, std::string_view word) {
  std::ifstream in(file);
  std::uint64_t value = 0;
  for (std::string read; in >> read;)
    if (read == word) in >> value;
  return value;
}

// proc(5): the fourth field of /proc/loadavg is "runnable/existing".
std::uint64_t existing_tasks() {
  std::ifstream in("/proc/loadavg");
  std::string skip, tasks;
  in >> skip >> skip >> skip >> tasks;
  const auto slash = tasks.find('/');
  return slash == std::string::npos ? 0 : std::stoull(tasks.substr(slash + 1));
}

std::uint64_t memory_maps() {
  std::ifstream in("/proc/self/maps");
  return static_cast<std::uint64_t>(std::count(std::istreambuf_iterator<char>(in), {}, '\n'));
}

std::uint64_t pid_max() {
  return number_in("/proc/sys/kernel/pid_max");
}
std::uint64_t threads_max() {
  return number_in("/proc/sys/kernel/threads-max");
}

}  // namespace

std::string_view limit_name(TaskLimit limit) {
  constexpr std::string_view names[] = {
      "none",      "kernel.pid_max",           "kernel.threads-max",
      "ulimit -u", "pids.max of the cgroup",   "vm.max_map_count",
      "memory",    "a limit that is not known"};
  return names[std::min<std::size_t>(static_cast<std::size_t>(limit), std::size(names) - 1)];
}

void for_each_pids_cgroup(const std::function<void(const std::string& folder)>& look) {
  std::ifstream in("/proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const bool v2 = line.rfind("0::", 0) == 0;
    if (!v2 && line.find(":pids:") == std::string::npos) continue;
    std::string path = line.substr(line.rfind(':') + 1);
    while (!path.empty() && path != "/") {
      look((v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/pids") + path);
      path.resize(path.rfind('/'));
    }
  }
}

Headroom::Headroom() : refusals_at_first_(refusals_of_cgroups()) {}

// A sixteenth of what all programs of the machine share stays free, and an eighth of its memory.
Reached Headroom::nearly_used_up() const {
  const std::uint64_t tasks = existing_tasks();
  const auto is_near = [&](std::uint64_t limit) { return limit && tasks > limit - limit / 16; };
  if (is_near(pid_max())) return {TaskLimit::pid_max, pid_max()};
  if (is_near(threads_max())) return {TaskLimit::threads_max, threads_max()};
  const std::uint64_t memory = number_after("/proc/meminfo", "MemTotal:");
  if (number_after("/proc/meminfo", "MemAvailable:") < memory / 8)
    return {TaskLimit::memory, memory * 1024};
  return {};
}

// cgroups(7): pids.events counts what pids.max refused. The other reasons of EAGAIN in clone(2) are ruled out
// one by one; glibc says EAGAIN, too, if there is no mapping for the stack of a thread.
Reached Headroom::refused_by(int error) const {
  if (refusals_of_cgroups() > refusals_at_first_) {
    std::uint64_t tightest = std::numeric_limits<std::uint64_t>::max();
    for_each_pids_cgroup([&](const std::string& folder) {
      if (const std::uint64_t most = number_in(folder + "/pids.max"))
        tightest = std::min(tightest, most);
    });
    return {TaskLimit::pids_cgroup, tightest};
  }
  // A thread takes two, and glibc's arenas some more.
  const std::uint64_t maps = number_in("/proc/sys/vm/max_map_count");
  if (maps && memory_maps() + 4 >= maps) return {TaskLimit::max_map_count, maps};
  if (error == ENOMEM)
    return {TaskLimit::memory, number_after("/proc/meminfo", "MemTotal:") * 1024};
  if (error != EAGAIN) return {TaskLimit::unknown, 0};
  if (existing_tasks() + 1 >= threads_max()) return {TaskLimit::threads_max, threads_max()};
  constexpr std::uint64_t kReservedPids = 300;  // RESERVED_PIDS of linux/pid.h, never given again
  if (existing_tasks() + kReservedPids + 1 >= pid_max()) return {TaskLimit::pid_max, pid_max()};
  rlimit mine{};
  if (getuid() != 0 && getrlimit(RLIMIT_NPROC, &mine) == 0 && mine.rlim_cur != RLIM_INFINITY)
    return {TaskLimit::ulimit_u, mine.rlim_cur};
  return {TaskLimit::unknown, 0};
}

std::uint64_t Headroom::refusals_of_cgroups() const {
  std::uint64_t refusals = 0;
  for_each_pids_cgroup(
      [&](const std::string& folder) { refusals += number_after(folder + "/pids.events", "max"); });
  return refusals;
}

}  // namespace vtlab
