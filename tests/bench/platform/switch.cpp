// Handing the CPU, a turn or a value to another platform thread.
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "channel.h"
#include "works.h"

namespace vtlab::bench {

void yield(const Options& options) {
  use_carriers(options);
  const auto some = [&](std::uint64_t yields) {
    std::vector<std::thread> units;
    for (std::uint64_t unit = 0; unit < options.n; ++unit) {
      units.emplace_back([yields] {
        for (std::uint64_t i = 0; i < yields; ++i) std::this_thread::yield();
      });
    }
    for (std::thread& unit : units) unit.join();
  };
  const std::uint64_t each = options.ops / options.n;
  some(each / 10);
  report(options, "yield", ns_each(each * options.n, [&] { some(each); }), "ns");
}

void mutex_ping_pong(const Options& options) {
  use_carriers(options);
  const auto some = [](std::uint64_t rounds) {
    std::mutex mutex;
    std::condition_variable changed[2];
    int turn = 0;
    const auto player = [&](int me) {
      for (std::uint64_t i = 0; i < rounds; ++i) {
        std::unique_lock<std::mutex> lock(mutex);
        while (turn != me) changed[me].wait(lock);
        turn = 1 - me;
        changed[turn].notify_one();
      }
    };
    std::thread ping([&] { player(0); });
    std::thread pong([&] { player(1); });
    ping.join();
    pong.join();
  };
  some(options.ops / 10);
  report(options, "mutex-ping-pong", ns_each(options.ops, [&] { some(options.ops); }), "ns");
}

void channel_ping_pong(const Options& options) {
  use_carriers(options);
  const auto some = [](std::uint64_t rounds) {
    Channel there, back;
    std::thread pong([&] {
      for (std::uint64_t i = 0; i < rounds; ++i) back.send(there.recv());
    });
    std::thread ping([&] {
      for (std::uint64_t i = 0; i < rounds; ++i) {
        there.send(1);
        back.recv();
      }
    });
    ping.join();
    pong.join();
  };
  some(options.ops / 10);
  report(options, "channel-ping-pong", ns_each(options.ops, [&] { some(options.ops); }), "ns");
}

}  // namespace vtlab::bench
