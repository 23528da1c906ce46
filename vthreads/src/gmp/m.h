// m.h — an M: an OS thread that runs Gs while it has a P.
//
// Owns      its place to sleep. Its P owns what it runs next.
// Rule      Without a P it runs nothing: it is in a system call (old_p is what it had), in the poller,
//           between the two, or stopped.
// Threads   The M's own thread, except wake(); next_p and spinning: whoever is about to wake it.
#pragma once

#include <atomic>
#include <cstdint>

#include "carrier.h"
#include "gmp/p.h"

namespace vthreads::detail::gmp {

class GmpScheduler;

class M final : public Carrier {
 public:
  M(GmpScheduler& scheduler, unsigned index, std::uint64_t seed);

  Timers& timers() override { return p->timers; }

  /// Sleeps until wake(); returns at once if that was called since the last sleep.
  void sleep();
  void wake();

  /// From this M's own reproducible sequence.
  std::uint32_t random();

  P* p = nullptr;
  P* old_p = nullptr;     // what it had when it entered the system call
  P* next_p = nullptr;    // given by who wakes it
  bool spinning = false;  // looks for work, and is counted in GmpScheduler::spinning_
  unsigned empty_looks = 0;

 protected:
  ControlBlock* look_around() override;
  ControlBlock* find() override;
  void put(ControlBlock& g, bool last) override;

 private:
  GmpScheduler& gmp_;
  std::uint64_t random_;
  alignas(64) std::atomic<std::uint32_t> woken_{0};
};

}  // namespace vthreads::detail::gmp
