// calls.h — what the kernel side has added up of system calls. Plain values; numbers, not words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vtlab::probes {

/// What a call that blocked waited for. From socket to closed_fd: the file behind its first argument,
/// as it was when the call came back.
enum class Wait : std::uint16_t {
  nothing,
  unknown,  ///< its arguments do not tell, or are not decoded
  socket,
  pipe,
  fifo,
  file,
  directory,
  terminal,
  device,
  epoll,
  eventfd,
  timerfd,
  signalfd,
  inotify,
  io_uring,
  pidfd,
  other_fd,
  closed_fd,
  futex,
  time,
  fds,  ///< one of several
  any_child,
  one_child,
  child_group,
};

/// Whether the caller limited its waiting; the arguments of most calls do not say.
enum class Limit : std::uint16_t { not_said, none, time };

/// The extremes of what callers asked for.
struct Asked {
  std::uint64_t least = 0, most = 0;
};

/// So many calls took at most so long, and longer than the bucket before says.
struct LatencyBucket {
  std::uint64_t most_ns = 0;  ///< the end of the bucket; at most 1/8 above what was recorded
  std::uint64_t count = 0;
};

/// All calls of one number that were alike in what follows it.
struct CallRow {
  std::uint32_t number = 0;
  bool is_32_bit = false;     ///< of a 32-bit program: another set of numbers
  std::uint32_t by = 0;       ///< the action by which the calling task was made; 0: none was seen
  std::uint32_t during = 0;   ///< the action that the caller had published; 0: none
  std::string name;           ///< the caller's, if asked for
  Wait wait = Wait::nothing;  ///< anything else: these calls blocked
  Limit limit = Limit::not_said;
  std::uint32_t detail =
      0;  ///< socket: family << 16 | type; futex: the operation without its flags
  /// errno; 512…516: broken off by a signal, to be begun anew (linux/errno.h); 0: no error.
  std::uint32_t error = 0;

  std::uint64_t returned = 0;
  std::uint64_t unreturned = 0;   ///< the calling task ended in it
  std::uint64_t in_progress = 0;  ///< when this was read
  std::uint64_t total_ns = 0;     ///< of those that returned
  std::uint64_t max_ns = 0;
  std::vector<LatencyBucket> latency;  ///< shortest first; without empty ones
  std::optional<Asked> time_ns, fds;   ///< absent: not said, or not readable
};

struct Calls {
  std::vector<CallRow> rows;
  std::uint64_t lost = 0;          ///< calls that are in no row, because there was no room for one
  std::uint64_t lost_callers = 0;  ///< calls of tasks for which there was no room: not timed
};

/// "read"; "call 462" if the library does not know it. Source: libseccomp's tables.
std::string call_name(std::uint32_t number, bool is_32_bit);

}  // namespace vtlab::probes
