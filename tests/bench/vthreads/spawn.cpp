// Starting and joining: one at a time, in batches, all alive at once, as a tree.
#include <algorithm>
#include <vector>

#include "../skynet.h"
#include "works.h"

namespace vtlab::bench {
namespace {

using vthreads::Scheduler;
using vthreads::VThread;

std::uint64_t node(Scheduler& scheduler, SkynetNode here) {
  if (here.size == 1) return here.first;
  std::uint64_t sums[kSkynetChildren];
  VThread children[kSkynetChildren];
  for (unsigned i = 0; i < kSkynetChildren; ++i) {
    children[i] =
        scheduler.start([&scheduler, &sums, here, i] { sums[i] = node(scheduler, here.child(i)); });
  }
  std::uint64_t sum = 0;
  for (unsigned i = 0; i < kSkynetChildren; ++i) {
    children[i].join();
    sum += sums[i];
  }
  return sum;
}

}  // namespace

void spawn_join(const Options& options) {
  on_a_vthread(options, [&](Scheduler& scheduler) {
    const auto some = [&](std::uint64_t units) {
      for (std::uint64_t i = 0; i < units; ++i) scheduler.start([] {}).join();
    };
    some(options.ops / 10);
    report(options, "spawn-join", ns_each(options.ops, [&] { some(options.ops); }), "ns");
  });
}

void spawn_batch(const Options& options) {
  on_a_vthread(options, [&](Scheduler& scheduler) {
    std::vector<VThread> units(options.n);
    const auto batches = [&](std::uint64_t count) {
      for (std::uint64_t i = 0; i < count; ++i) {
        for (VThread& unit : units) unit = scheduler.start([] {});
        for (VThread& unit : units) unit.join();
      }
    };
    const std::uint64_t count = std::max<std::uint64_t>(1, options.ops / options.n);
    batches(std::max<std::uint64_t>(1, count / 10));
    const double ns = ns_each(count * options.n, [&] { batches(count); });
    report(options, "spawn-batch", ns, "ns");
  });
}

// Every unit parks, so that all are alive at the same time whatever the carriers do meanwhile.
void alive(const Options& options) {
  on_a_vthread(options, [&](Scheduler& scheduler) {
    std::vector<VThread> units(options.n);
    const auto once = [&] {
      for (VThread& unit : units) unit = scheduler.start([] { vthreads::this_vthread::park(); });
      for (VThread& unit : units) unit.unpark();
      for (VThread& unit : units) unit.join();
    };
    report(options, "alive-cold", ns_each(options.n, once), "ns");
    report(options, "alive-warm", ns_each(options.n, once), "ns");
  });
}

void skynet(const Options& options) {
  on_a_vthread(options, [&](Scheduler& scheduler) {
    const auto once = [&] { check_skynet(options.n, node(scheduler, {0, options.n})); };
    once();
    report(options, "skynet", ns_each(options.n, once), "ns");
  });
}

}  // namespace vtlab::bench
