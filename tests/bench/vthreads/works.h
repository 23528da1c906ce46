// works.h — the works of bench-vthreads, and how a work gets onto a vthread.
#pragma once

#include <vthreads/vthreads.h>

#include <utility>

#include "../bench.h"

namespace vtlab::bench {

/// Runs work(scheduler) on a vthread of a scheduler with that many carriers, and waits for it. Times are
/// taken on that vthread, so that waking the first carrier is not among them.
template <class F>
void on_a_vthread(const Options& options, F&& work) {
  vthreads::Config config;
  config.carriers = static_cast<unsigned>(options.carriers);
  if (options.carriers == 1) config.drive = vthreads::Config::Drive::calling_thread;
  config.prepare_stacks = true;
  vthreads::Scheduler scheduler(config);
  vthreads::VThread whole = scheduler.start([&] { work(scheduler); });
  if (options.carriers == 1) scheduler.run();
  whole.join();
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
void echo(const Options& options);

}  // namespace vtlab::bench
