// bench-context: raw Boost.Context, the floor. Nothing but stacks and switches: no scheduler, no state, no
// atomics, one OS thread. What a runtime on Boost.Context costs above this is its own.
#include <algorithm>
#include <boost/context/fiber.hpp>
#include <boost/version.hpp>
#include <vector>

#include "bench.h"
#include "skynet.h"
#include "stack_slab.h"

namespace vtlab::bench {
namespace {

using boost::context::fiber;
using Stacks = SlabStacks<false>;

// A context runs at once when it is made; this one lets its maker go on first, and so is alive until resumed.
template <class F>
fiber started(F body) {
  fiber made(std::allocator_arg, Stacks(), [body](fiber&& caller) {
    caller = std::move(caller).resume();
    body();
    return std::move(caller);
  });
  return std::move(made).resume();
}

void join(fiber& unit) {
  unit = std::move(unit).resume();
}

void spawn_join(const Options& options) {
  const auto some = [](std::uint64_t units) {
    for (std::uint64_t i = 0; i < units; ++i) {
      fiber unit(std::allocator_arg, Stacks(), [](fiber&& caller) { return std::move(caller); });
      join(unit);
    }
  };
  some(options.ops / 10);
  report(options, "spawn-join", ns_each(options.ops, [&] { some(options.ops); }), "ns");
}

void batch(std::vector<fiber>& units) {
  for (fiber& unit : units)
    unit = fiber(std::allocator_arg, Stacks(), [](fiber&& caller) { return std::move(caller); });
  for (fiber& unit : units) join(unit);
}

void spawn_batch(const Options& options) {
  std::vector<fiber> units(options.n);
  const auto batches = [&](std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) batch(units);
  };
  const std::uint64_t count = std::max<std::uint64_t>(1, options.ops / options.n);
  batches(std::max<std::uint64_t>(1, count / 10));
  const double ns = ns_each(count * options.n, [&] { batches(count); });
  report(options, "spawn-batch", ns, "ns");
}

void alive(const Options& options) {
  std::vector<fiber> units(options.n);
  const auto once = [&] {
    for (fiber& unit : units) unit = started([] {});
    for (fiber& unit : units) join(unit);
  };
  report(options, "alive-cold", ns_each(options.n, once), "ns");
  report(options, "alive-warm", ns_each(options.n, once), "ns");
}

// A ring: each resumes the next one directly, so a yield is one switch. Whoever is resumed puts away the
// context that resumed it.
void yield(const Options& options) {
  std::vector<fiber> ring(options.n);
  const std::size_t n = options.n;
  const auto some = [&](std::uint64_t yields) {
    std::uint64_t left = yields;
    fiber main_flow;
    for (std::size_t i = 0; i < n; ++i) {
      fiber made(std::allocator_arg, Stacks(), [&, i](fiber&& maker) {
        fiber from = std::move(maker).resume();
        for (;;) {
          if (main_flow) {
            ring[(i + n - 1) % n] = std::move(from);
          } else {
            main_flow = std::move(from);  // the first one was resumed by the measuring flow
          }
          if (left-- == 0) return std::move(main_flow);
          from = std::move(ring[(i + 1) % n]).resume();
        }
      });
      ring[i] = std::move(made).resume();
    }
    std::move(ring[0]).resume();
    for (fiber& unit : ring) unit = fiber();  // unwinds those that wait for their turn
  };
  some(options.ops / 10);
  report(options, "yield", ns_each(options.ops, [&] { some(options.ops); }), "ns");
}

void parked(const Options& options) {
  std::vector<fiber> units(options.n);
  StackSlab<false>::instance();
  const Memory before = memory();
  for (fiber& unit : units) unit = started([] {});
  report_parked(options, before);
  for (fiber& unit : units) join(unit);
}

std::uint64_t node(SkynetNode here) {
  if (here.size == 1) return here.first;
  std::uint64_t sums[kSkynetChildren];
  fiber children[kSkynetChildren];
  for (unsigned i = 0; i < kSkynetChildren; ++i) {
    children[i] =
        fiber(std::allocator_arg, Stacks(), [&sums, child = here.child(i), i](fiber&& caller) {
          sums[i] = node(child);
          return std::move(caller);
        });
  }
  std::uint64_t sum = 0;
  for (unsigned i = 0; i < kSkynetChildren; ++i) {
    join(children[i]);
    sum += sums[i];
  }
  return sum;
}

void skynet(const Options& options) {
  const auto once = [&] { check_skynet(options.n, node({0, options.n})); };
  once();
  report(options, "skynet", ns_each(options.n, once), "ns");
}

}  // namespace
}  // namespace vtlab::bench

int main(int argc, char** argv) {
  using namespace vtlab::bench;
  static constexpr Work kWorks[] = {
      {"spawn-join", spawn_join}, {"spawn-batch", spawn_batch}, {"alive", alive},
      {"yield", yield},           {"parked", parked},           {"skynet", skynet},
  };
  return run(argc, argv, "Boost.Context " BOOST_LIB_VERSION ", reused 64 KiB stacks", kWorks);
}
