// bench-boost-fiber: the works of the benchmark on Boost.Fiber (it has no I/O of its own, so no echo).
#include <atomic>
#include <boost/version.hpp>
#include <thread>
#include <vector>

#include "works.h"

namespace vtlab::bench {

// work_stealing expects that every OS thread has registered before one of them looks for work.
struct StealingCarriers::State {
  std::atomic<std::uint32_t> registered{0};
  boost::fibers::mutex mutex;
  boost::fibers::condition_variable over;
  bool is_over = false;
  std::vector<std::thread> threads;

  void join_in(std::uint32_t carriers) {
    boost::fibers::use_scheduling_algorithm<boost::fibers::algo::work_stealing>(carriers);
    registered.fetch_add(1);
    while (registered.load() < carriers) std::this_thread::yield();
  }
};

StealingCarriers::StealingCarriers(std::uint32_t carriers) : state_(std::make_unique<State>()) {
  for (std::uint32_t i = 1; i < carriers; ++i) {
    state_->threads.emplace_back([state = state_.get(), carriers] {
      state->join_in(carriers);
      std::unique_lock<boost::fibers::mutex> lock(state->mutex);
      state->over.wait(lock, [state] { return state->is_over; });
    });
  }
  state_->join_in(carriers);
}

StealingCarriers::~StealingCarriers() {
  {
    const std::lock_guard<boost::fibers::mutex> lock(state_->mutex);
    state_->is_over = true;
    state_->over.notify_all();
  }
  for (std::thread& thread : state_->threads) thread.join();
}

}  // namespace vtlab::bench

int main(int argc, char** argv) {
  using namespace vtlab::bench;
  static constexpr Work kWorks[] = {
      {"spawn-join", spawn_join},
      {"spawn-batch", spawn_batch},
      {"alive", alive},
      {"yield", yield},
      {"mutex-ping-pong", mutex_ping_pong},
      {"channel-ping-pong", channel_ping_pong},
      {"parked", parked},
      {"sleepers", sleepers},
      {"skynet", skynet},
  };
  return run(argc, argv, "Boost.Fiber " BOOST_LIB_VERSION ", reused 64 KiB stacks", kWorks);
}
