// Many that wait: what a parked one costs, and how late a crowd of sleepers is.
#include <atomic>
#include <chrono>
#include <vector>

#include "works.h"

namespace vtlab::bench {

using vthreads::Scheduler;
using vthreads::VThread;

void parked(const Options& options) {
  Scheduler scheduler({.carriers = static_cast<unsigned>(options.carriers)});
  std::vector<VThread> units(options.n);
  std::atomic<std::uint64_t> arrived{0};
  const Memory before = memory();
  scheduler
      .start([&] {
        for (VThread& unit : units) {
          unit = scheduler.start([&arrived] {
            arrived.fetch_add(1, std::memory_order_relaxed);
            vthreads::this_vthread::park();
          });
        }
        while (arrived.load(std::memory_order_relaxed) < options.n) vthreads::this_vthread::yield();
      })
      .join();
  report_idle(options);
  report_parked(options, before);
  for (VThread& unit : units) unit.unpark();
  for (VThread& unit : units) unit.join();
}

void sleepers(const Options& options) {
  on_a_vthread(options, [&](Scheduler& scheduler) {
    std::vector<VThread> units(options.n);
    const auto once = [&] {
      for (VThread& unit : units)
        unit = scheduler.start([] { vthreads::this_vthread::sleep_for(std::chrono::seconds(1)); });
      for (VThread& unit : units) unit.join();
    };
    report(options, "sleepers-cold", seconds(once), "s");
    report(options, "sleepers-warm", seconds(once), "s");
  });
}

}  // namespace vtlab::bench
