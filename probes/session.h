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
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "probes/calls.h"
#include "probes/rung.h"
#include "probes/scheduling.h"

struct vtlab_bpf;  // the loaded object; of probes/src alone

namespace vtlab::probes {

struct SessionOptions {
  /// Every switch and wake-up, for a SwitchRecorder; counts of switches are kept in any case. Costs
  /// every wake-up of the machine a few nanoseconds while the session lives.
  bool record_scheduling = false;
  /// A Creation for every attempt to make a task. Costs every system call of the machine a few
  /// nanoseconds while the session lives; without it nothing of this is attached or allocated.
  bool record_creations = false;
  /// Every system call of the tree, added up by number and circumstances. Costs every other call of the
  /// machine a lookup at its entry and at its end; without it nothing of this is attached or allocated.
  bool record_calls = false;
  bool calls_by_name = false;  ///< and a row of its own for each name of a caller (comm(5))
  /// Where in its program each creator stood: a Stack for every new task whose place has not been
  /// learned, and a count for the others.
  bool record_stacks = false;
  /// Each call of functions that a FunctionProbes has been told to record, not only their number.
  bool record_functions = false;
  /// Sums over the whole tree, for who asks again and again: see Totals. Costs every system call of the machine
  /// a few nanoseconds and every switch a lookup; without it nothing of this is attached or allocated.
  bool keep_totals = false;
  std::optional<Rung> only;  ///< force this rung for every question that has a program for it
  /// An open directory of a control group (version 2): each of its processes, and of the groups below,
  /// joins the observed tree when it is first seen, except the caller's. Not owned; may be closed after.
  int cgroup_fd = -1;
  std::uint32_t ring_bytes = 4u << 20;          ///< rounded up to a power of two of pages
  std::uint32_t switch_ring_bytes = 16u << 20;  ///< of all CPUs together, if scheduling is recorded
};

struct LedgerCount {
  std::uint64_t kernel_tasks = 0;
  std::uint64_t sharing_mm = 0;
};

/// Totals since the session was opened; subtract two to get a window.
struct Snapshot {
  std::array<std::optional<std::uint64_t>, kCounterCount> counts;  ///< absent: no rung attached
  std::vector<LedgerCount> ledger;                                 ///< by action number
  std::uint64_t lost_events = 0;                                   ///< without lost creations
  std::uint64_t lost_creations = 0;  ///< records of creations that found no room
  std::uint64_t lost_stacks = 0;     ///< places of creators that found no room
  std::uint64_t lost_processes =
      0;  ///< not followed because pid_max has been raised since: voids everything
};

enum class EventKind : std::uint8_t {
  started = 1,
  exited = 2,
  joined = 5  ///< of SessionOptions::cgroup_fd; forget() it when it has ended
};

struct Event {
  std::uint64_t time_ns = 0;  ///< CLOCK_MONOTONIC
  EventKind kind{};
  std::uint32_t cpu = 0, tid = 0, tgid = 0;
  std::uint32_t by_tid = 0, action = 0, unit = 0;  ///< started: creator, its action, its unit + 1
  std::uint32_t stack_pages =
      0;  ///< started, if scheduling is recorded: of its kernel stack; 0: not known
  std::array<char, 16> comm{};  ///< exited: the task's name, NUL at the end
};

/// The system call that asked for a task; none: the kernel made it by itself.
enum class Call : std::uint8_t { none, clone, clone3, fork, vfork };

enum class Kind : std::uint8_t { unknown, thread, process };

/// Attempts to make a task that came to the same end.
struct AttemptCount {
  Call call{};  ///< none: not seen, as of 32-bit programs, or the kernel made the task by itself
  Kind kind{};  ///< unknown: it failed, and what it asked for could not be read
  std::uint32_t error = 0;  ///< errno; 0: a task was made. 512…516: restarted after a signal
  std::uint64_t count = 0;
};

/// Sums since the session was opened; subtract two to get a window.
struct Totals {
  static constexpr std::size_t kBuckets = 24;

  std::uint64_t voluntary = 0, preempted = 0;  ///< switches away from a task: by itself, or not
  /// Time on CPUs, added when a task gives its CPU away; `timed` of these switches had it.
  std::uint64_t timed = 0, on_cpu_ns = 0;
  /// Switches to a task that was on a run queue, and how long it had been there.
  std::uint64_t waits = 0, waited_ns = 0;
  /// Of those, waits of at most 1, 2, 4 … µs that are longer than the one before says; the longest are in none.
  std::array<std::uint64_t, kBuckets> wait{};
  std::vector<AttemptCount> attempts;
  std::uint64_t lost_attempts = 0;  ///< there was no room to count them
};

/// What a new task and its creator can have in common.
enum class Shareable : std::uint8_t { mm, files, fs, sighand, signal, nsproxy, io, cgroup };
inline constexpr std::size_t kShareableCount = 8;

/// Seen in both task_structs: another object, the same one, or the new task has none. Unknown: this
/// rung does not see task_structs, or this kernel has no such field.
enum class Share : std::uint8_t { unknown, own, shared, none };

/// What the new task_struct said when it was made, before the task could run.
struct NewTask {
  std::uint32_t flags = 0;        ///< PF_… of linux/sched.h
  std::uint32_t parent_tgid = 0;  ///< the new task's parent process
  std::uint64_t stack = 0;        ///< address of its kernel stack
  std::uint32_t stack_pages = 0;  ///< its size; 0: the kernel does not tell (no CONFIG_VMAP_STACK)
  std::uint32_t policy = 0;       ///< SCHED_…
  std::int32_t prio = 0;          ///< the kernel's: 120 + nice, below 100 for real-time
  std::int32_t nice = 0;
  std::uint32_t cpus_allowed = 0;
};

/// One attempt to make a task. Times are CLOCK_MONOTONIC in ns; 0: not reached, or nobody saw it.
struct Creation {
  Call call{};
  std::optional<std::uint64_t> flags;  ///< as asked, without the exit signal; absent: unreadable
  std::uint32_t exit_signal = 0;
  std::uint32_t error = 0;  ///< errno; 0: a task was made. 512…516: restarted after a signal
  std::uint32_t tid = 0, tgid = 0;                 ///< the new task; 0 if there is none
  std::uint32_t by_tid = 0, action = 0, unit = 0;  ///< the creator, its action, its unit + 1
  std::uint64_t asked_ns = 0;                      ///< the system call was entered
  std::uint64_t entered_ns = 0;  ///< kernel_clone was entered; only on function rungs
  std::uint64_t copied_ns = 0;   ///< copy_process had made the task_struct
  std::uint64_t forked_ns = 0;   ///< sched_process_fork; only on tracepoint rungs of kernel_clone
  std::uint64_t woken_ns = 0;    ///< wake_up_new_task
  std::uint64_t ran_ns = 0;      ///< the first sched_switch to it
  std::array<Share, kShareableCount> sharing{};  ///< by Shareable
  std::optional<NewTask> task;  ///< absent: failed, or the rung does not see task_structs
};

/// Which program image a process runs: one forked process has its parent's, exec begins a new one.
struct Image {
  std::uint64_t start_code = 0, start_stack = 0;  ///< as in proc(5), /proc/PID/stat
  std::uint32_t execs = 0;  ///< before; tells images apart that are not randomised
  auto operator<=>(const Image&) const = default;
};

inline constexpr std::size_t kRegisters = 17;  ///< numbered as in DWARF for x86-64

/// Where in its program a creator stood. The spans live as long as the call that hands it out.
struct Stack {
  std::uint64_t time_ns = 0;                                       ///< CLOCK_MONOTONIC
  std::uint32_t tid = 0, tgid = 0;                                 ///< the new task
  std::uint32_t by_tid = 0, by_tgid = 0;                           ///< the creator
  Image image;                                                     ///< the creator's
  std::optional<std::array<std::uint64_t, kRegisters>> registers;  ///< absent: no x86-64 program
  std::span<const std::uint64_t> frames;  ///< by the kernel, which knows only frame pointers
  std::span<const std::byte> bytes;       ///< of the stack, from the stack pointer on
};

/// A word that the unwinder read to get from one frame to the next.
struct PathWord {
  enum class Source : std::uint8_t { stack, rbp, rdi };
  Source source = Source::stack;
  bool relative =
      false;  ///< it is an address in the stack: `value` is its distance to the stack pointer
  std::uint32_t offset = 0;  ///< in the stack, from the stack pointer on
  std::uint64_t value = 0;
};
inline constexpr std::size_t kMostWordsOfStep = 4, kMostSteps = 63;

/// How a stack was unwound: a place in a program from which tasks are made.
struct Path {
  Image image;
  std::uint64_t ip = 0;
  std::vector<std::vector<PathWord>> steps;  ///< from each frame to its caller
};

struct PathCount {
  std::uint64_t threads = 0, processes = 0;
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
  /// The process tgid is not of the tree any more. `tids`: of its tasks, whose switches are recorded to the last otherwise.
  void forget(std::uint32_t tgid, std::span<const std::uint32_t> tids = {});
  std::size_t following() const;  ///< processes of the observed tree that have not ended

  /// A mappable array of vt_slot (8 bytes: action, unit + 1), indexed by tid: what threads are
  /// about to do.
  int slots_fd() const;
  std::uint32_t slots() const;  ///< its length: pid_max

  /// For a SwitchRecorder, of which there can be one; of length 0 if scheduling is not recorded.
  SwitchRings switch_rings() const;
  /// Asked for, but nothing will be recorded; or nothing.
  std::optional<std::string> why_no_scheduling() const;

  Snapshot read() const;
  /// Nothing: they are not kept. Switches and times are 0 on another rung than tp_btf.
  std::optional<Totals> totals() const;
  void drain(
      const std::function<void(const Event&)>& sink);  ///< all events that are ready, oldest first
  /// The same, with the creations that came to their end. The other form passes over those.
  void drain(const std::function<void(const Event&)>& sink,
             const std::function<void(const Creation&)>& creations);
  /// Tasks that were made and have not run yet. Forgets them: their first run will not be reported.
  void take_unfinished(const std::function<void(const Creation&)>& creations);
  /// Begins to add up system calls anew. Where tasks are followed already, a call that ends in this very
  /// moment can be missed, or be counted in the row of another one.
  void forget_calls();
  Calls calls() const;  ///< since then; throws std::runtime_error if the maps cannot be read

  /// Stacks that were taken, oldest first.
  void drain_stacks(const std::function<void(const Stack&)>& sink);
  /// Readable if a stack came of an image whose memory map was not read: there is no time to lose.
  /// -1 unless stacks are recorded. The session's.
  int stacks_fd() const;
  /// The memory map of this image was read: nobody need be woken for its stacks.
  void map_was_read(const Image& image);
  /// From now on creators at this place are counted and no Stack of them is sent. Returns the number
  /// by which count_of() knows it; nothing if it cannot be learned: too long, or no room.
  std::optional<std::size_t> learn(const Path& path);
  PathCount count_of(std::size_t path) const;

  std::vector<Attached> attached() const;  ///< reads recursion_misses afresh

 private:
  friend class FunctionProbes;  // shares the maps
  const vtlab_bpf& maps() const;
  const SessionOptions& options() const;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Every rung of every question, each tried on its own and taken down again. For `vtlab doctor` and
/// tests.
std::vector<Trial> try_every_rung();

/// The size of a kernel type as this kernel's type information (BTF) says; absent: it does not.
std::optional<std::uint64_t> size_of_kernel_struct(const char* name);

/// Why a Session cannot be had by this process ("needs CAP_BPF and CAP_PERFMON"), or nothing if it
/// can be tried.
std::optional<std::string> why_not_bpf();

}  // namespace vtlab::probes
