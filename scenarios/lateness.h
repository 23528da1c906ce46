// lateness.h — how much later than they asked for sleepers are woken: measured by themselves.
#pragma once

#include <array>
#include <atomic>

#include "scenarios/modes/event_loop.h"
#include "scenarios/scenario.h"
#include "scenarios/shared.h"

namespace vtlab {

class Lateness {
 public:
  static const std::array<Reported, 3> kReports;  ///< what report() says

  explicit Lateness(std::size_t sleeps) : sleeps_(sleeps), late_ns_(sleeps) {}

  /// Sleeps and notes how late it was, as the sleep of that number.
  void sleep(Runtime& runtime, std::uint64_t ns, std::size_t number);
  /// The same for a callback.
  void after(EventLoop& loop, std::uint64_t ns, std::size_t number, EventLoop::Callback callback);
  /// Once all sleeps are over.
  void report(Workload& work) const;

 private:
  void note(std::uint64_t due_ns, std::size_t number);

  const std::size_t sleeps_;
  const Shared<std::atomic<std::uint64_t>> late_ns_;
};

}  // namespace vtlab
