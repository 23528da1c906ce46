// session.h — one observation of one process tree with BPF.
//
// Owns      its maps, programs and links; all go away with it, also if vtlab is killed (nothing is
//           pinned).
// Rule      A rung counts only once it is attached: loading proves nothing (facts differ by kernel;
//           see doctor).
// Threads   One thread at a time. The observed processes need no cooperation beyond storing into
//           slots_fd().
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "probes/rung.h"

namespace vtlab::probes {

struct SessionOptions {
  bool record_switches = false;  ///< an event for every switch; counts are kept in any case
  std::optional<Rung> only;      ///< force this rung for every question that has a program for it
  std::uint32_t ring_bytes = 4u << 20;  ///< rounded up to a power of two of pages
};

struct LedgerCount {
  std::uint64_t kernel_tasks = 0;
  std::uint64_t sharing_mm = 0;
};

/// Totals since the session was opened; subtract two to get a window.
struct Snapshot {
  std::array<std::optional<std::uint64_t>, kCounterCount> counts;  ///< absent: no rung attached
  std::vector<LedgerCount> ledger;                                 ///< by action number
  std::uint64_t lost_events = 0;
  std::uint64_t lost_processes =
      0;  ///< not followed because the tree was too large: voids everything
};

enum class EventKind : std::uint8_t { started = 1, exited = 2, switched = 3 };

struct Event {
  std::uint64_t time_ns = 0;  ///< CLOCK_MONOTONIC
  EventKind kind{};
  std::uint32_t cpu = 0, tid = 0, tgid = 0;
  std::uint32_t by_tid = 0, action = 0, unit = 0;  ///< started: creator, its action, its unit + 1
  std::uint32_t state = 0;                         ///< switched: 0 is "preempted while runnable"
};

/// How one question is being asked.
struct Attached {
  Counter counter;
  std::optional<Rung> rung;  ///< none: nobody answers this question here
  std::string hook;
  std::vector<Trial> refused;  ///< better rungs, best first
  std::optional<std::uint64_t>
      recursion_misses;  ///< absent: this kernel does not tell (before 5.12)
};

class Session {
 public:
  /// Tries the rungs of every question and attaches the best. Throws std::runtime_error if not even
  /// the maps can be made (no privilege, no BPF); a question without any rung is not an error, see
  /// attached().
  explicit Session(const SessionOptions& options = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Makes the process tgid, with `tasks` tasks alive now, the root of an observed tree.
  void follow(std::uint32_t tgid, std::uint64_t tasks);
  void forget(std::uint32_t tgid);

  /// A mappable array of vt_slot (8 bytes: action, unit + 1), indexed by tid: what threads are
  /// about to do.
  int slots_fd() const;
  std::uint32_t slots() const;  ///< its length: pid_max

  Snapshot read() const;
  void drain(
      const std::function<void(const Event&)>& sink);  ///< all events that are ready, oldest first
  std::vector<Attached> attached() const;              ///< reads recursion_misses afresh

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Every rung of every question, each tried on its own and taken down again. For `vtlab doctor` and
/// tests.
std::vector<Trial> try_every_rung();

/// Why a Session cannot be had by this process ("needs CAP_BPF and CAP_PERFMON"), or nothing if it
/// can be tried.
std::optional<std::string> why_not_bpf();

}  // namespace vtlab::probes
