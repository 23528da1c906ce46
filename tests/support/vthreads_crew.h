// vthreads_crew.h — runs what a test gives it on vthreads, on platform threads, or on both.
//
// Rule      What must work between any threads is tested on every_crew(): every shape of scheduler,
//           each with vthreads alone and with platform threads among them, a calling_thread
//           scheduler, and platform threads alone.
// Rule      The test's own thread takes no part: with calling_thread it is the carrier.
#pragma once

#include <chrono>
#include <cstddef>
#include <ostream>
#include <thread>
#include <utility>
#include <vector>

#include "support/vthreads_fixture.h"
#include "vthreads/stop.h"
#include "vthreads/vthreads.h"

namespace vthreads::test {

struct CrewKind {
  Shape shape;
  Config::Drive drive = Config::Drive::own_threads;
  std::size_t platform_every = 0;  // 0: none; 1: all; 3: every third is a platform thread
};

inline std::ostream& operator<<(std::ostream& out, const CrewKind& kind) {
  out << kind.shape << (kind.drive == Config::Drive::calling_thread ? ", calling thread" : "");
  return out << ", platform thread every " << kind.platform_every;
}

class Crew {
 public:
  explicit Crew(CrewKind kind, std::uint64_t seed = 1)
      : kind_(kind), scheduler_(config(kind, seed)) {}
  ~Crew() { join(); }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  template <class Body>
  void start(Body body) {
    ++started_;
    if (kind_.platform_every != 0 && started_ % kind_.platform_every == 0) {
      platform_.emplace_back(std::move(body));
    } else {
      vthreads_.push_back(scheduler_.start(std::move(body)));
    }
  }

  /// Waits for all that have been started.
  void join() {
    if (kind_.drive == Config::Drive::calling_thread) scheduler_.run();
    join_all(vthreads_);
    for (std::thread& thread : platform_) thread.join();
    platform_.clear();
  }

  Scheduler& scheduler() { return scheduler_; }

 private:
  static Config config(CrewKind kind, std::uint64_t seed) {
    Config config = kind.shape.config(seed);
    config.drive = kind.drive;
    return config;
  }

  const CrewKind kind_;
  std::size_t started_ = 0;
  Scheduler scheduler_;
  std::vector<VThread> vthreads_;
  std::vector<std::thread> platform_;
};

inline std::vector<CrewKind> all_crews() {
  std::vector<CrewKind> kinds;
  for (const Shape shape : all_shapes()) {
    kinds.push_back({shape});
    kinds.push_back({.shape = shape, .platform_every = 3});
  }
  kinds.push_back({.shape = {1, 256}, .drive = Config::Drive::calling_thread});
  kinds.push_back({.shape = {1, 4}, .drive = Config::Drive::calling_thread, .platform_every = 3});
  kinds.push_back({.shape = {1, 256}, .platform_every = 1});
  return kinds;
}

/// Runs `body(crew, random)` with every kind of crew.
template <class Body>
void on_every_crew(Body body) {
  std::uint64_t seed = 1;
  for (const CrewKind& kind : all_crews()) {
    CAPTURE(kind, ++seed);
    Crew crew(kind, seed);
    Random random(seed);
    body(crew, random);
    crew.join();
    CHECK(crew.scheduler().stats().vthreads_alive == 0);
  }
}

/// For what must happen before a deadline that comes before the vthread runs again: calls
/// `attempt(deadline)`, with later and later deadlines, until it says that it has been in time.
template <class Attempt>
void in_time(Attempt attempt) {
  for (auto patience = std::chrono::milliseconds(10);; patience *= 2) {
    if (attempt(std::chrono::steady_clock::now() + patience)) return;
  }
}

/// By the vthread that holds the only carrier: whether the deadline is still to come; it is over
/// afterwards.
inline bool hold_carrier_until(Deadline deadline) {
  const bool was_in_time = std::chrono::steady_clock::now() < deadline;
  while (std::chrono::steady_clock::now() < deadline) {
  }
  return was_in_time;
}

/// Waits until `n` vthreads of the scheduler have parked since it began, or the deadline has come.
/// Only where nothing else parks.
inline void wait_until_parked(Scheduler& scheduler, std::uint64_t n, Deadline deadline = kNever) {
  wait_until(
      [&] { return scheduler.stats().parks >= n || std::chrono::steady_clock::now() >= deadline; });
}

}  // namespace vthreads::test
