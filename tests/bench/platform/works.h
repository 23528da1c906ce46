// works.h — the works of bench-platform: std::thread, one kernel task per unit.
#pragma once

#include "../bench.h"

namespace vtlab::bench {

/// With carriers == 1 the whole process may use one CPU only: what one carrier means for platform threads.
void use_carriers(const Options& options);

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
