#include "lab/syscalls.h"

#include <linux/futex.h>
#include <sys/socket.h>

#include <algorithm>
#include <iterator>

#include "lab/creations.h"
#include "lab/probe_window.h"
#include "scenarios/actions.h"

namespace vtlab::lab {
namespace {

using probes::CallRow;
using probes::Wait;

std::string family_name(std::uint32_t family) {
  switch (family) {
    case AF_UNIX:
      return "unix";
    case AF_INET:
      return "IPv4";
    case AF_INET6:
      return "IPv6";
    case AF_NETLINK:
      return "netlink";
    case AF_PACKET:
      return "packet";
    case AF_VSOCK:
      return "vsock";
    default:
      return "family " + std::to_string(family);
  }
}

std::string type_name(std::uint32_t type) {
  switch (type) {
    case SOCK_STREAM:
      return "stream";
    case SOCK_DGRAM:
      return "datagram";
    case SOCK_RAW:
      return "raw";
    case SOCK_SEQPACKET:
      return "seqpacket";
    default:
      return "type " + std::to_string(type);
  }
}

// linux/futex.h, in order.
std::string futex_operation(std::uint32_t operation) {
  constexpr const char* kNames[] = {
      "WAIT",           "WAKE",      "FD",         "REQUEUE",     "CMP_REQUEUE", "WAKE_OP",
      "LOCK_PI",        "UNLOCK_PI", "TRYLOCK_PI", "WAIT_BITSET", "WAKE_BITSET", "WAIT_REQUEUE_PI",
      "CMP_REQUEUE_PI", "LOCK_PI2"};
  static_assert(std::size(kNames) == FUTEX_LOCK_PI2 + 1);
  return operation < std::size(kNames) ? kNames[operation]
                                       : "operation " + std::to_string(operation);
}

std::optional<result::AskedRange> asked(const std::optional<probes::Asked>& range) {
  if (!range) return std::nullopt;
  return result::AskedRange{range->least, range->most};
}

result::SystemCall to_result(const CallRow& row) {
  constexpr const char* kLimits[] = {"", "none", "time"};
  result::SystemCall out;
  out.call = probes::call_name(row.number, row.is_32_bit);
  out.is_32_bit = row.is_32_bit;
  out.made_by = action_key(row.by);
  if (row.during != 0) out.during = action_key(row.during);
  out.caller = row.name;
  out.waited_for = waited_for(row);
  out.limit = kLimits[std::min<std::size_t>(static_cast<std::size_t>(row.limit), 2)];
  if (row.error != 0) out.error = error_name(row.error);
  out.returned = row.returned;
  out.unreturned = row.unreturned;
  out.in_progress = row.in_progress;
  out.total_ns = row.total_ns;
  out.max_ns = row.max_ns;
  for (const probes::LatencyBucket& bucket : row.latency)
    out.latency.push_back({bucket.most_ns, bucket.count});
  out.asked_ns = asked(row.time_ns);
  out.asked_fds = asked(row.fds);
  return out;
}

}  // namespace

std::string waited_for(const CallRow& row) {
  // As probes::Wait; those with a detail are put together below.
  constexpr const char* kWords[] = {"",
                                    "unknown",
                                    "socket",
                                    "pipe",
                                    "named pipe",
                                    "file",
                                    "directory",
                                    "terminal",
                                    "device",
                                    "epoll",
                                    "eventfd",
                                    "timerfd",
                                    "signalfd",
                                    "inotify",
                                    "io_uring",
                                    "pidfd",
                                    "another kind of fd",
                                    "fd that was closed meanwhile",
                                    "futex",
                                    "time to pass",
                                    "one of several fds",
                                    "any child",
                                    "one child",
                                    "a group's child"};
  static_assert(std::size(kWords) == static_cast<std::size_t>(Wait::child_group) + 1);
  if (row.wait == Wait::socket)
    return family_name(row.detail >> 16) + " " + type_name(row.detail & 0xffff) + " socket";
  if (row.wait == Wait::futex) return "futex " + futex_operation(row.detail);
  const auto index = static_cast<std::size_t>(row.wait);
  return index < std::size(kWords) ? kWords[index] : "unknown";
}

result::SystemCalls to_result(const probes::Calls& calls,
                              const std::vector<result::ProbeNote>& probes) {
  result::SystemCalls out;
  for (const CallRow& row : calls.rows) out.rows.push_back(to_result(row));
  out.lost = calls.lost + calls.lost_callers;
  if (out.lost != 0)
    out.void_because = std::to_string(out.lost) + " calls were not added up: there was no room";
  for (const result::ProbeNote& probe : probes) {
    const bool of_calls = probe.counter == "calls" || probe.counter == "returns";
    if (of_calls && !probe.rung.empty()) out.seen_by.push_back(probe.rung + " " + probe.hook);
    if (of_calls && probe.rung.empty())
      out.void_because = "nobody answers '" + probe.question + "' here";
    // Who ends in a call, and who was made by what, is seen by these two.
    if (!of_calls && probe.counter != "exits" && probe.counter != "wake_new") continue;
    if (const auto because = skipped_runs(probe)) out.void_because = *because;
  }
  return out;
}

}  // namespace vtlab::lab
