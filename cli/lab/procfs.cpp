#include "lab/procfs.h"

#include <time.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace vtlab::lab {
namespace {

std::string path(pid_t pid, const char* file) {
  return "/proc/" + std::to_string(pid) + "/" + file;
}

// Calls take(key, value) for every "Key: 123 …" line.
template <typename Take>
bool read_fields(const std::string& file, Take take) {
  std::ifstream in(file);
  bool any = false;
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    take(line.substr(0, colon), std::strtoull(line.c_str() + colon + 1, nullptr, 10));
    any = true;
  }
  return any;
}

}  // namespace

ProcStatus read_status(pid_t pid) {
  ProcStatus status;
  read_fields(path(pid, "status"), [&](const std::string& key, std::uint64_t value) {
    if (key == "Tgid") status.tgid = value;
    if (key == "Threads") status.threads = value;
    if (key == "VmRSS") status.resident = value * 1024;
    if (key == "VmHWM") status.most_resident = value * 1024;
    if (key == "VmSize") status.reserved = value * 1024;
    if (key == "VmPeak") status.most_reserved = value * 1024;
  });
  return status;
}

void reset_most_resident(pid_t pid) {
  std::ofstream(path(pid, "clear_refs")) << "5";
}

std::optional<std::uint64_t> private_bytes(pid_t pid) {
  std::uint64_t bytes = 0;
  const bool any =
      read_fields(path(pid, "smaps_rollup"), [&](const std::string& key, std::uint64_t value) {
        if (key == "Private_Clean" || key == "Private_Dirty") bytes += value * 1024;
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
