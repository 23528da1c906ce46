// Starting and joining fibers of Boost.Fiber.
#include <algorithm>
#include <vector>

#include "../skynet.h"
#include "works.h"

namespace vtlab::bench {
namespace {

template <class Start>
std::uint64_t node(const Start& start, SkynetNode here) {
  if (here.size == 1) return here.first;
  std::uint64_t sums[kSkynetChildren];
  Fiber children[kSkynetChildren];
  for (unsigned i = 0; i < kSkynetChildren; ++i)
    children[i] = start([&start, &sums, here, i] { sums[i] = node(start, here.child(i)); });
  std::uint64_t sum = 0;
  for (unsigned i = 0; i < kSkynetChildren; ++i) {
    children[i].join();
    sum += sums[i];
  }
  return sum;
}

}  // namespace

void spawn_join(const Options& options) {
  on_carriers(options, [&](const auto& start) {
    const auto some = [&](std::uint64_t units) {
      for (std::uint64_t i = 0; i < units; ++i) start([] {}).join();
    };
    some(options.ops / 10);
    report(options, "spawn-join", ns_each(options.ops, [&] { some(options.ops); }), "ns");
  });
}

void spawn_batch(const Options& options) {
  on_carriers(options, [&](const auto& start) {
    std::vector<Fiber> units(options.n);
    const auto batches = [&](std::uint64_t count) {
      for (std::uint64_t i = 0; i < count; ++i) {
        for (Fiber& unit : units) unit = start([] {});
        for (Fiber& unit : units) unit.join();
      }
    };
    const std::uint64_t count = std::max<std::uint64_t>(1, options.ops / options.n);
    batches(std::max<std::uint64_t>(1, count / 10));
    const double ns = ns_each(count * options.n, [&] { batches(count); });
    report(options, "spawn-batch", ns, "ns");
  });
}

void alive(const Options& options) {
  on_carriers(options, [&](const auto& start) {
    std::vector<Fiber> units(options.n);
    const auto once = [&] {
      boost::fibers::mutex mutex;
      boost::fibers::condition_variable opened;
      bool open = false;
      for (Fiber& unit : units) {
        unit = start([&] {
          std::unique_lock<boost::fibers::mutex> lock(mutex);
          opened.wait(lock, [&] { return open; });
        });
      }
      {
        const std::lock_guard<boost::fibers::mutex> lock(mutex);
        open = true;
        opened.notify_all();
      }
      for (Fiber& unit : units) unit.join();
    };
    report(options, "alive-cold", ns_each(options.n, once), "ns");
    report(options, "alive-warm", ns_each(options.n, once), "ns");
  });
}

void skynet(const Options& options) {
  on_carriers(options, [&](const auto& start) {
    const auto once = [&] { check_skynet(options.n, node(start, {0, options.n})); };
    once();
    report(options, "skynet", ns_each(options.n, once), "ns");
  });
}

}  // namespace vtlab::bench
