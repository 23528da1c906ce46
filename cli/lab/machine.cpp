#include "lab/machine.h"

#include <dirent.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bit>
#include <cctype>
#include <ctime>
#include <fstream>

#include "lab/privileges.h"
#include "lab/procfs.h"
#include "scenarios/limits.h"

namespace vtlab::lab {
namespace {

// What vtlab itself needs beside the units: threads and the workload's first task; files of probes,
// maps and pipes, and both ends of the connections that are being handed over.
constexpr std::uint64_t kOurTasks = 8, kOurFiles = 160, kOurMaps = 64;

// One field of a procfs file; 0 if absent.
std::uint64_t field(const std::string& file, std::string_view key) {
  std::uint64_t found = 0;
  for_each_field(file, [&](std::string_view name, std::uint64_t value) {
    if (name == key) found = value;
  });
  return found;
}

// proc(5): the fourth field of /proc/loadavg is "runnable/existing".
std::uint64_t existing_tasks() {
  std::ifstream in("/proc/loadavg");
  std::string skip, tasks;
  in >> skip >> skip >> skip >> tasks;
  const auto slash = tasks.find('/');
  return slash == std::string::npos ? 0 : std::strtoull(tasks.c_str() + slash + 1, nullptr, 10);
}

// KernelStack of /proc/meminfo is the sum over all tasks; stacks are equal and a power of two.
std::optional<std::uint64_t> stack_bytes_per_task() {
  const std::uint64_t all = field("/proc/meminfo", "KernelStack"), tasks = existing_tasks();
  if (all == 0 || tasks == 0) return std::nullopt;
  const std::uint64_t mean = all / tasks;
  const std::uint64_t below = std::bit_floor(mean);
  return mean - below < below / 2 ? below : 2 * below;
}

std::string distribution() {
  std::ifstream in("/etc/os-release");
  for (std::string line; std::getline(in, line);) {
    const std::string key = "PRETTY_NAME=";
    if (line.rfind(key, 0) != 0) continue;
    std::string name = line.substr(key.size());
    if (name.size() >= 2 && name.front() == '"') name = name.substr(1, name.size() - 2);
    return name;
  }
  return {};
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

// Kernel tasks of one user: the sum of Threads over the processes with that real uid.
std::uint64_t tasks_of_user(uid_t uid) {
  std::uint64_t tasks = 0;
  DIR* proc = opendir("/proc");
  if (!proc) return 0;
  while (const dirent* entry = readdir(proc)) {
    if (!std::isdigit(static_cast<unsigned char>(entry->d_name[0]))) continue;
    const std::string folder = std::string("/proc/") + entry->d_name;
    struct stat info {};
    if (stat(folder.c_str(), &info) == 0 && info.st_uid == uid)
      tasks += field(folder + "/status", "Threads");
  }
  closedir(proc);
  return tasks;
}

// The tightest pids.max from this process's cgroup up to the root (cgroups v2; v1 has the same
// files).
std::optional<Limit> pids_cgroup() {
  std::optional<Limit> tightest;
  for_each_pids_cgroup([&](const std::string& folder) {
    const std::uint64_t value = first_number_of(folder + "/pids.max");
    const std::uint64_t used = first_number_of(folder + "/pids.current") + kOurTasks;
    if (value != 0 && (!tightest || value - used < tightest->value - tightest->used))
      tightest = Limit{Resource::kernel_tasks, "pids.max of " + folder, value, used, ""};
  });
  return tightest;
}

std::vector<Limit> read_limits() {
  const std::uint64_t tasks = existing_tasks() + kOurTasks;
  std::vector<Limit> limits{
      {Resource::kernel_tasks, "kernel.pid_max", first_number_of("/proc/sys/kernel/pid_max"), tasks,
       "sysctl kernel.pid_max=4194304"},
      {Resource::kernel_tasks, "kernel.threads-max",
       first_number_of("/proc/sys/kernel/threads-max"), tasks, "sysctl kernel.threads-max=1000000"},
      {Resource::memory_maps, "vm.max_map_count", first_number_of("/proc/sys/vm/max_map_count"),
       kOurMaps, "sysctl vm.max_map_count=1000000"},
      {Resource::memory, "MemAvailable", field("/proc/meminfo", "MemAvailable"), 0, ""},
  };
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0)
    limits.push_back({Resource::open_files, "ulimit -n (hard)", files.rlim_max, kOurFiles,
                      "ulimit -Hn 1048576 as root"});
  rlimit tasks_of_mine{};
  const User user = invoking_user();
  // setrlimit(2): RLIMIT_NPROC does not bind root.
  if (user.uid != 0 && getrlimit(RLIMIT_NPROC, &tasks_of_mine) == 0 &&
      tasks_of_mine.rlim_cur != RLIM_INFINITY)
    limits.push_back({Resource::kernel_tasks, "ulimit -u", tasks_of_mine.rlim_cur,
                      tasks_of_user(user.uid) + kOurTasks, "ulimit -u unlimited as root"});
  if (const auto pids = pids_cgroup()) limits.push_back(*pids);
  return limits;
}

}  // namespace

std::uint64_t first_number_of(const std::string& file) {
  std::uint64_t value = 0;
  std::ifstream(file) >> value;
  return value;
}

void raise_file_limit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

std::uint32_t usable_cpus() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0)
    return static_cast<std::uint32_t>(CPU_COUNT(&cpus));
  return static_cast<std::uint32_t>(sysconf(_SC_NPROCESSORS_ONLN));
}

Machine read_machine(std::string version) {
  Machine machine;
  utsname name{};
  uname(&name);
  machine.host = {name.release,
                  name.machine,
                  distribution(),
                  usable_cpus(),
                  field("/proc/meminfo", "MemTotal"),
                  std::move(version),
                  utc_now()};
  machine.limits = read_limits();
  machine.kernel_stack_bytes = stack_bytes_per_task();
  return machine;
}

}  // namespace vtlab::lab
