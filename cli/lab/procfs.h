// procfs.h — what the kernel says of a process in /proc: memory, threads, CPU time. See proc(5).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace vtlab::lab {

/// Calls take(key, value) for every "Key: 123 kB" line of a procfs file; kB become bytes. False if there was none.
bool for_each_field(const std::string& file,
                    const std::function<void(std::string_view, std::uint64_t)>& take);

/// Fields of /proc/PID/status; bytes. All zero if the process has gone.
struct ProcStatus {
  std::uint64_t tgid = 0;
  std::uint64_t threads = 0;
  std::uint64_t resident = 0, most_resident = 0;  ///< VmRSS, VmHWM
  std::uint64_t reserved = 0, most_reserved = 0;  ///< VmSize, VmPeak
  std::uint64_t tracer = 0;                       ///< who traces it with ptrace; 0: nobody
};
ProcStatus read_status(pid_t pid);

/// The tids of its threads that are alive, in no order; empty if it has gone.
std::vector<std::uint32_t> threads_of(std::uint32_t tgid);

/// The name of a thread (comm(5)); empty if it has gone.
std::string comm_of(std::uint32_t tgid, std::uint32_t tid);

/// How many threads of these processes are in each state: "runnable" (has a CPU or waits for one), "sleeping",
/// "uninterruptible", "stopped", "idle", "ended" (not waited for). Nothing if there are more threads than are looked at.
std::optional<std::map<std::string, std::uint64_t>> states_of_tasks(
    const std::vector<std::uint32_t>& tgids, std::size_t most = 50'000);

/// How many of its threads have each name.
std::map<std::string, std::uint64_t> names_of_threads(std::uint32_t tgid);

/// Makes VmHWM start again from VmRSS (/proc/PID/clear_refs, 5).
void reset_most_resident(pid_t pid);

/// Private_Clean + Private_Dirty of /proc/PID/smaps_rollup: memory that only this process has.
std::optional<std::uint64_t> private_bytes(pid_t pid);

/// CPU time of the process (its CPU clock, all threads) and of its children that it has waited for
/// (cutime, cstime).
std::optional<std::uint64_t> cpu_ns(pid_t pid);

}  // namespace vtlab::lab
