#include "lab/procfs.h"

#include <dirent.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace vtlab::lab {
namespace {

std::string path(pid_t pid, const char* file) {
  return "/proc/" + std::to_string(pid) + "/" + file;
}

// The letter of proc_pid_stat(5); 0: the task has gone.
char state_of(const std::string& task_folder) {
  std::ifstream in(task_folder + "/stat");
  std::string text;
  std::getline(in, text);
  const auto name_end = text.rfind(") ");
  return name_end != std::string::npos && text.size() > name_end + 2 ? text[name_end + 2] : '\0';
}

bool has_ended(char state) {
  return state == '\0' || state == 'Z' || state == 'X';
}

const char* word_of(char state) {
  switch (state) {
    case 'R':
      return "runnable";
    case 'S':
      return "sleeping";
    case 'D':
      return "uninterruptible";
    case 'T':
    case 't':
      return "stopped";
    case 'I':
      return "idle";
    default:
      return has_ended(state) ? "ended" : "other";
  }
}

// Calls take(tid, state) for each thread that is listed, until it returns false.
template <class Take>
void for_each_thread(std::uint32_t tgid, Take take) {
  const std::string folder = "/proc/" + std::to_string(tgid) + "/task";
  DIR* dir = opendir(folder.c_str());
  if (!dir) return;
  bool more = true;
  while (const dirent* entry = more ? readdir(dir) : nullptr) {
    const auto tid = std::strtoul(entry->d_name, nullptr, 10);
    if (tid) more = take(static_cast<std::uint32_t>(tid), state_of(folder + "/" + entry->d_name));
  }
  closedir(dir);
}

}  // namespace

bool for_each_field(const std::string& file,
                    const std::function<void(std::string_view, std::uint64_t)>& take) {
  std::ifstream in(file);
  bool any = false;
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::uint64_t value = std::strtoull(line.c_str() + colon + 1, nullptr, 10);
    take(std::string_view(line).substr(0, colon), line.ends_with(" kB") ? value * 1024 : value);
    any = true;
  }
  return any;
}

std::vector<std::uint32_t> threads_of(std::uint32_t tgid) {
  std::vector<std::uint32_t> tids;
  for_each_thread(tgid, [&](std::uint32_t tid, char state) {
    // A first thread that has ended stays listed as long as others live.
    if (!has_ended(state)) tids.push_back(tid);
    return true;
  });
  return tids;
}

std::optional<std::map<std::string, std::uint64_t>> states_of_tasks(
    const std::vector<std::uint32_t>& tgids, std::size_t most) {
  std::map<std::string, std::uint64_t> states;
  // States that nobody is in now are 0, which is what was seen.
  for (const char* word : {"runnable", "sleeping", "uninterruptible", "stopped"}) states[word] = 0;
  std::size_t seen = 0;
  for (const std::uint32_t tgid : tgids) {
    for_each_thread(tgid, [&](std::uint32_t, char state) {
      if (state != '\0') ++states[word_of(state)];
      return ++seen <= most;
    });
    if (seen > most) return std::nullopt;
  }
  return states;
}

std::string comm_of(std::uint32_t tgid, std::uint32_t tid) {
  std::ifstream in(path(static_cast<pid_t>(tgid), "task/") + std::to_string(tid) + "/comm");
  std::string name;
  std::getline(in, name);
  return name;
}

ProcStatus read_status(pid_t pid) {
  ProcStatus status;
  for_each_field(path(pid, "status"), [&](std::string_view key, std::uint64_t value) {
    if (key == "Tgid") status.tgid = value;
    if (key == "Threads") status.threads = value;
    if (key == "TracerPid") status.tracer = value;
    if (key == "VmRSS") status.resident = value;
    if (key == "VmHWM") status.most_resident = value;
    if (key == "VmSize") status.reserved = value;
    if (key == "VmPeak") status.most_reserved = value;
  });
  return status;
}

std::map<std::string, std::uint64_t> names_of_threads(std::uint32_t tgid) {
  std::map<std::string, std::uint64_t> names;
  for (const std::uint32_t tid : threads_of(tgid)) ++names[comm_of(tgid, tid)];
  return names;
}

void reset_most_resident(pid_t pid) {
  std::ofstream(path(pid, "clear_refs")) << "5";
}

std::optional<std::uint64_t> private_bytes(pid_t pid) {
  std::uint64_t bytes = 0;
  const bool any =
      for_each_field(path(pid, "smaps_rollup"), [&](std::string_view key, std::uint64_t value) {
        if (key == "Private_Clean" || key == "Private_Dirty") bytes += value;
      });
  if (!any) return std::nullopt;
  return bytes;
}

std::optional<std::uint64_t> cpu_ns(pid_t pid) {
  clockid_t clock;
  timespec own{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &own) != 0) return std::nullopt;
  std::ifstream in(path(pid, "stat"));
  std::string text;
  std::getline(in, text);
  // The name in parentheses may hold anything; cutime and cstime are fields 16 and 17, the name is
  // field 2.
  std::istringstream rest(text.substr(text.rfind(')') + 1));
  std::string skip;
  for (int field = 3; field < 16; ++field) rest >> skip;
  std::uint64_t cutime = 0, cstime = 0;
  rest >> cutime >> cstime;
  const auto tick_ns = 1'000'000'000u / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  return static_cast<std::uint64_t>(own.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(own.tv_nsec) + (cutime + cstime) * tick_ns;
}

}  // namespace vtlab::lab
