// scheduling.h — every switch of the observed tree: a thread that empties the rings of the CPUs into a
// file, and the file read back in order of time.
//
// Owns      the thread, the mapped rings while it lives, and the file, which has no name.
// Rule      The reader polls. Nobody wakes it: a reader that is woken by what it reads and shares a
//           CPU with the target makes the events that wake it (docs/decisions/0011-reader-polls.md).
// Rule      Whatever found no room is counted, with the time; nothing is dropped silently.
// Threads   One thread at a time; its own thread touches the rings and the file only. The session may
//           be used meanwhile and must live longer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace vtlab::probes {

/// One change of hands of a CPU, as the kernel side wrote it (struct vt_switch in bpf/wire.h). Tasks
/// outside the tree have tid 0. Times are ns in the clock of the run queue.
struct Switch {
  std::uint64_t time_ns;
  std::uint64_t queued_ns;  ///< when `next` became runnable; 0: the kernel does not tell
  std::uint32_t prev, next;
  std::uint32_t
      waker;  ///< who woke `next` (or made it, if new); 0: outside any task of the machine
  std::uint16_t cpu;
  std::uint8_t wakes;  ///< of `next` since it last ran: 0 if it was preempted before or is new
  std::uint8_t how;

  std::uint8_t state() const {
    return how & 0x1f;
  }  ///< of prev: 0 running, 1 interruptible, 2 not, …
  bool voluntary() const { return how & 0x20; }   ///< prev stopped of its own will
  bool prev_ended() const { return how & 0x40; }  ///< and never runs again
  bool next_is_new() const { return how & 0x80; }
};

/// What a Session hands out for a recorder.
struct SwitchRings {
  int rings_fd = -1, switches_fd = -1;
  std::uint32_t cpus = 0, length = 0;  ///< length 0: scheduling is not recorded
};

struct SwitchLoss {
  std::uint64_t no_room_in_ring = 0;  ///< the reader was too slow
  std::uint64_t no_room_in_file = 0;
  std::string because;                      ///< why the file took no more
  std::uint64_t first_ns = 0, last_ns = 0;  ///< of all, in the clock of the run queue
  std::uint64_t total() const { return no_room_in_ring + no_room_in_file; }
};

struct RecorderOptions {
  std::string folder;  ///< for the file; empty: $TMPDIR, or /tmp
  std::uint64_t most_bytes = std::uint64_t{16} << 30;
  bool reading = true;  ///< false: nothing is read before stop()
};

class SwitchRecorder {
 public:
  /// Records from now on. Errors: std::runtime_error if there can be no file, or the rings cannot be mapped.
  explicit SwitchRecorder(const SwitchRings& rings, const RecorderOptions& options = {});
  ~SwitchRecorder();
  SwitchRecorder(const SwitchRecorder&) = delete;
  SwitchRecorder& operator=(const SwitchRecorder&) = delete;

  /// Takes what is still in the rings and ends the thread. The rest needs this first.
  void stop();
  std::uint64_t recorded() const;
  SwitchLoss lost() const;
  /// CLOCK_MONOTONIC − clock of the run queue, when the last switches were recorded.
  std::uint64_t clock_offset_ns() const;
  /// A time of a switch on this CPU as CLOCK_MONOTONIC. How far they are apart is looked up every millisecond;
  /// the least of 50 ms counts, because between reading one and the other some time passes.
  std::uint64_t to_monotonic(std::uint16_t cpu, std::uint64_t ns) const;
  /// Every switch, in order of time. Errors: std::runtime_error if the file cannot be read.
  void replay(const std::function<void(const Switch&)>& sink) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vtlab::probes
