// works.h — the works of bench-boost-fiber, and how they get their carriers.
#pragma once

#include <boost/fiber/all.hpp>
#include <memory>
#include <utility>

#include "../bench.h"
#include "../stack_slab.h"

namespace vtlab::bench {

using Fiber = boost::fibers::fiber;

/// How many carriers: 1 is round robin, more is work stealing. Chosen before the first fiber.
template <bool Shared, class F>
Fiber start_on(F&& body) {
  return Fiber(boost::fibers::launch::post, std::allocator_arg, SlabStacks<Shared>(),
               std::forward<F>(body));
}

/// Runs work(start) on a fiber, where start(body) makes another one, and waits for it. Defined for the two
/// kinds of carriers by on_carriers() below: the lock of the stacks is paid for only where it is needed.
struct StartAlone {
  template <class F>
  Fiber operator()(F&& body) const {
    return start_on<false>(std::forward<F>(body));
  }
};
struct StartShared {
  template <class F>
  Fiber operator()(F&& body) const {
    return start_on<true>(std::forward<F>(body));
  }
};

/// More OS threads that steal from the calling one, until this object is destroyed.
class StealingCarriers {
 public:
  explicit StealingCarriers(std::uint32_t carriers);
  ~StealingCarriers();
  StealingCarriers(const StealingCarriers&) = delete;
  StealingCarriers& operator=(const StealingCarriers&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

template <class F>
void on_carriers(const Options& options, F&& work) {
  if (options.carriers == 1) {
    boost::fibers::use_scheduling_algorithm<boost::fibers::algo::round_robin>();
    const StartAlone start;
    start([&] { work(start); }).join();
  } else {
    const StealingCarriers carriers(static_cast<std::uint32_t>(options.carriers));
    const StartShared start;
    start([&] { work(start); }).join();
  }
}

void spawn_join(const Options& options);
void spawn_batch(const Options& options);
void alive(const Options& options);
void skynet(const Options& options);
void yield(const Options& options);
void mutex_ping_pong(const Options& options);
void channel_ping_pong(const Options& options);
void parked(const Options& options);
void sleepers(const Options& options);

}  // namespace vtlab::bench
