// stealing_carrier.h — a carrier with a run queue of its own.
//
// Owns      its run queue, its timers, its place to sleep.
// Threads   The carrier's own thread, except: queue.steal_half and size, timers, mounts (relaxed),
//           wake().
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "carrier.h"
#include "stealing/run_queue.h"
#include "stealing/watch_pace.h"
#include "timers.h"

namespace vthreads::detail {

class StealingScheduler;

class StealingCarrier final : public Carrier {
 public:
  StealingCarrier(StealingScheduler& scheduler, unsigned index, std::uint32_t run_queue_slots,
                  std::uint64_t seed, bool shuffle);

  Timers& timers() override { return own_timers; }

  /// Sleeps until wake() or the deadline; returns at once if wake() was called since the last sleep.
  void sleep(Deadline deadline);
  void wake();

  /// A number from this carrier's own reproducible sequence, below `bound`.
  unsigned random_below(unsigned bound);

  /// What this carrier last saw of another one's progress, to tell how long work waits there.
  struct Sighting {
    std::uint64_t mounts = 0;
    Deadline since{};
  };

  Timers own_timers;
  std::atomic<bool> is_blocked{false};  // held by its vthread, which has said so
  std::unique_ptr<Sighting[]> sightings;
  WatchPace pace;

 protected:
  ControlBlock* look_around() override;
  ControlBlock* find() override;

 private:
  ControlBlock* pop();
  bool spin();

  StealingScheduler& stealing_;
  const bool shuffle_;
  int picks_until_loop_ = kLookAroundEvery;  // if shuffled; else every look is the 61st
  int spins_ = 64;
  std::uint64_t random_;
  alignas(64) std::atomic<std::uint32_t> woken_{0};
};

}  // namespace vthreads::detail
