// Fibers of Boost.Fiber that hand over to one another, and many that wait.
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "works.h"

namespace vtlab::bench {

void yield(const Options& options) {
  on_carriers(options, [&](const auto& start) {
    std::vector<Fiber> units(options.n);
    const auto some = [&](std::uint64_t yields) {
      for (Fiber& unit : units) {
        unit = start([yields] {
          for (std::uint64_t i = 0; i < yields; ++i) boost::this_fiber::yield();
        });
      }
      for (Fiber& unit : units) unit.join();
    };
    const std::uint64_t each = options.ops / options.n;
    some(each / 10);
    report(options, "yield", ns_each(each * options.n, [&] { some(each); }), "ns");
  });
}

void mutex_ping_pong(const Options& options) {
  on_carriers(options, [&](const auto& start) {
    const auto some = [&](std::uint64_t rounds) {
      boost::fibers::mutex mutex;
      boost::fibers::condition_variable changed[2];
      int turn = 0;
      const auto player = [&](int me) {
        for (std::uint64_t i = 0; i < rounds; ++i) {
          std::unique_lock<boost::fibers::mutex> lock(mutex);
          while (turn != me) changed[me].wait(lock);
          turn = 1 - me;
          changed[turn].notify_one();
        }
      };
      Fiber ping = start([&] { player(0); });
      Fiber pong = start([&] { player(1); });
      ping.join();
      pong.join();
    };
    some(options.ops / 10);
    report(options, "mutex-ping-pong", ns_each(options.ops, [&] { some(options.ops); }), "ns");
  });
}

void channel_ping_pong(const Options& options) {
  on_carriers(options, [&](const auto& start) {
    const auto some = [&](std::uint64_t rounds) {
      boost::fibers::unbuffered_channel<int> there, back;
      Fiber pong = start([&] {
        for (std::uint64_t i = 0; i < rounds; ++i) back.push(there.value_pop());
      });
      Fiber ping = start([&] {
        for (std::uint64_t i = 0; i < rounds; ++i) {
          there.push(1);
          back.value_pop();
        }
      });
      ping.join();
      pong.join();
    };
    some(options.ops / 10);
    report(options, "channel-ping-pong", ns_each(options.ops, [&] { some(options.ops); }), "ns");
  });
}

void parked(const Options& options) {
  on_carriers(options, [&](const auto& start) {
    std::vector<Fiber> units(options.n);
    std::atomic<std::uint64_t> arrived{0};
    boost::fibers::mutex mutex;
    boost::fibers::condition_variable opened;
    bool open = false;
    const Memory before = memory();
    for (Fiber& unit : units) {
      unit = start([&] {
        std::unique_lock<boost::fibers::mutex> lock(mutex);
        arrived.fetch_add(1, std::memory_order_relaxed);
        opened.wait(lock, [&] { return open; });
      });
    }
    while (arrived.load(std::memory_order_relaxed) < options.n) boost::this_fiber::yield();
    report_parked(options, before);
    {
      const std::lock_guard<boost::fibers::mutex> lock(mutex);
      open = true;
      opened.notify_all();
    }
    for (Fiber& unit : units) unit.join();
  });
}

void sleepers(const Options& options) {
  on_carriers(options, [&](const auto& start) {
    std::vector<Fiber> units(options.n);
    const auto once = [&] {
      for (Fiber& unit : units)
        unit = start([] { boost::this_fiber::sleep_for(std::chrono::seconds(1)); });
      for (Fiber& unit : units) unit.join();
    };
    report(options, "sleepers-cold", seconds(once), "s");
    report(options, "sleepers-warm", seconds(once), "s");
  });
}

}  // namespace vtlab::bench
