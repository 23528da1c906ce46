// Handing the carrier, a turn or a value to one another.
#include <vector>

#include "works.h"

#if __has_include(<vthreads/mutex.h>) && __has_include(<vthreads/condition_variable.h>)
#include <vthreads/condition_variable.h>
#include <vthreads/mutex.h>

#include <mutex>
#define VTLAB_BENCH_MUTEX
#endif
#if __has_include(<vthreads/channel.h>)
#include <vthreads/channel.h>
#define VTLAB_BENCH_CHANNEL
#endif

namespace vtlab::bench {

using vthreads::Scheduler;
using vthreads::VThread;

void yield(const Options& options) {
  on_a_vthread(options, [&](Scheduler& scheduler) {
    std::vector<VThread> units(options.n);
    const auto some = [&](std::uint64_t yields) {
      for (VThread& unit : units) {
        unit = scheduler.start([yields] {
          for (std::uint64_t i = 0; i < yields; ++i) vthreads::this_vthread::yield();
        });
      }
      for (VThread& unit : units) unit.join();
    };
    const std::uint64_t each = options.ops / options.n;
    some(each / 10);
    report(options, "yield", ns_each(each * options.n, [&] { some(each); }), "ns");
  });
}

#ifdef VTLAB_BENCH_MUTEX
void mutex_ping_pong(const Options& options) {
  on_a_vthread(options, [&](Scheduler& scheduler) {
    const auto some = [&](std::uint64_t rounds) {
      vthreads::Mutex mutex;
      vthreads::ConditionVariable changed[2];
      int turn = 0;
      const auto player = [&](int me) {
        for (std::uint64_t i = 0; i < rounds; ++i) {
          std::unique_lock<vthreads::Mutex> lock(mutex);
          while (turn != me) changed[me].wait(lock);
          turn = 1 - me;
          changed[turn].notify_one();
        }
      };
      VThread ping = scheduler.start([&] { player(0); });
      VThread pong = scheduler.start([&] { player(1); });
      ping.join();
      pong.join();
    };
    some(options.ops / 10);
    report(options, "mutex-ping-pong", ns_each(options.ops, [&] { some(options.ops); }), "ns");
  });
}
#endif

#ifdef VTLAB_BENCH_CHANNEL
void channel_ping_pong(const Options& options) {
  on_a_vthread(options, [&](Scheduler& scheduler) {
    const auto some = [&](std::uint64_t rounds) {
      vthreads::Channel<int> there(0), back(0);
      VThread pong = scheduler.start([&] {
        for (std::uint64_t i = 0; i < rounds; ++i) back.send(*there.recv());
      });
      VThread ping = scheduler.start([&] {
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
  });
}
#endif

}  // namespace vtlab::bench
