// Starting and joining platform threads.
#include <algorithm>
#include <latch>
#include <thread>
#include <vector>

#include "../skynet.h"
#include "works.h"

namespace vtlab::bench {
namespace {

std::uint64_t node(SkynetNode here) {
  if (here.size == 1) return here.first;
  std::uint64_t sums[kSkynetChildren];
  std::thread children[kSkynetChildren];
  for (unsigned i = 0; i < kSkynetChildren; ++i)
    children[i] = std::thread([&sums, here, i] { sums[i] = node(here.child(i)); });
  std::uint64_t sum = 0;
  for (unsigned i = 0; i < kSkynetChildren; ++i) {
    children[i].join();
    sum += sums[i];
  }
  return sum;
}

}  // namespace

void spawn_join(const Options& options) {
  use_carriers(options);
  const auto some = [](std::uint64_t units) {
    for (std::uint64_t i = 0; i < units; ++i) std::thread([] {}).join();
  };
  some(options.ops / 10);
  report(options, "spawn-join", ns_each(options.ops, [&] { some(options.ops); }), "ns");
}

void spawn_batch(const Options& options) {
  use_carriers(options);
  std::vector<std::thread> units(options.n);
  const auto batches = [&](std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      for (std::thread& unit : units) unit = std::thread([] {});
      for (std::thread& unit : units) unit.join();
    }
  };
  const std::uint64_t count = std::max<std::uint64_t>(1, options.ops / options.n);
  batches(std::max<std::uint64_t>(1, count / 10));
  const double ns = ns_each(count * options.n, [&] { batches(count); });
  report(options, "spawn-batch", ns, "ns");
}

void alive(const Options& options) {
  use_carriers(options);
  std::vector<std::thread> units(options.n);
  const auto once = [&] {
    std::latch gate(1);
    for (std::thread& unit : units) unit = std::thread([&gate] { gate.wait(); });
    gate.count_down();
    for (std::thread& unit : units) unit.join();
  };
  report(options, "alive-cold", ns_each(options.n, once), "ns");
  report(options, "alive-warm", ns_each(options.n, once), "ns");
}

void skynet(const Options& options) {
  use_carriers(options);
  const auto once = [&] { check_skynet(options.n, node({0, options.n})); };
  once();
  report(options, "skynet", ns_each(options.n, once), "ns");
}

}  // namespace vtlab::bench
